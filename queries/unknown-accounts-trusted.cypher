// title: Accounts that nobody knows, and what they get
// answers: Which outside account, neither of the organisation nor of a known vendor or AWS service, may
//    assume a role or use a resource.
// column from_id: the account or the principal there
// column to_id: the role or resource
// column to_type: its CloudFormation type
// column account_id: its account
// column relationship: CAN_ASSUME, CAN_ACCESS or SHARED_WITH
// column mechanism: how
// column verdict: yes, conditional, dormant or unknown; empty for a share that is only configured
// column guards: what guards it, in words
// severity: high: somebody whom nobody can name gets in; names in mapper.toml are not looked at here
// needs: iam:role, org:account, s3:bucket, kms:key, sns:topic, sqs:queue, secretsmanager:secret,
//    ecr:repository, lambda:function, ec2:image, ec2:snapshot, rds:db-snapshot, rds:db-cluster-snapshot,
//    ram:share
// fix: Find out whose account it is; name it in mapper.toml, or remove the trust.
MATCH (a)-[r:CAN_ASSUME|CAN_ACCESS]->(b)
WHERE any(g IN coalesce(r.guards, []) WHERE g STARTS WITH 'account unknown')
   OR ('ExternalAccount' IN labels(a) AND a.vendor IS NULL)
RETURN a.id AS from_id, b.id AS to_id, b.resource_type AS to_type, b.account_id AS account_id,
       type(r) AS relationship, r.mechanism AS mechanism, r.verdict AS verdict,
       coalesce(r.guards, []) AS guards
UNION
MATCH (b)-[r:SHARED_WITH]->(x:ExternalAccount)
WHERE x.vendor IS NULL
RETURN x.id AS from_id, b.id AS to_id, b.resource_type AS to_type, b.account_id AS account_id,
       type(r) AS relationship, r.mechanism AS mechanism, r.verdict AS verdict,
       coalesce(r.guards, []) AS guards
