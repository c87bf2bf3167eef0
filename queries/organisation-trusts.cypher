// title: Trust in a whole organisation
// answers: Which roles and resources every principal of an organisation, or of a unit of it, may use:
//    accounts that join later get in too.
// column organisation: the organisation, with the unit's path where one is fixed
// column to_id: the role or resource
// column to_type: its CloudFormation type
// column account_id: its account
// column relationship: CAN_ASSUME, CAN_ACCESS or SHARED_WITH
// column mechanism: how
// column verdict: yes, conditional, dormant or unknown
// column guards: what guards it, in words
// severity: medium: the least protected account of the organisation is enough
// needs: iam:role, s3:bucket, kms:key, sns:topic, sqs:queue, secretsmanager:secret, ecr:repository,
//    lambda:function, ec2:image, ram:share
// fix: Name the accounts or roles that need it beside aws:PrincipalOrgID.
MATCH (o:Organization)-[r:CAN_ASSUME|CAN_ACCESS]->(b)
RETURN o.id AS organisation, b.id AS to_id, b.resource_type AS to_type, b.account_id AS account_id,
       type(r) AS relationship, r.mechanism AS mechanism, r.verdict AS verdict,
       coalesce(r.guards, []) AS guards
UNION
MATCH (b)-[r:SHARED_WITH]->(o:Organization)
RETURN o.id AS organisation, b.id AS to_id, b.resource_type AS to_type, b.account_id AS account_id,
       type(r) AS relationship, r.mechanism AS mechanism, r.verdict AS verdict,
       coalesce(r.guards, []) AS guards
