// title: Outside accounts that are trusted as a whole
// answers: Which roles and resources name an outside account (its number or root) instead of single
//    principals: whoever its owner lets gets in.
// column account: id of the outside account
// column vendor: its name where it is known
// column to_id: the role or resource
// column to_type: its CloudFormation type
// column account_id: its account
// column relationship: CAN_ASSUME or CAN_ACCESS
// column mechanism: how
// column verdict: yes, conditional, dormant or unknown
// column guards: what guards it, in words
// severity: medium: one user of the other account that is taken over is enough
// needs: iam:role, org:account, s3:bucket, kms:key, sns:topic, sqs:queue, secretsmanager:secret,
//    ecr:repository, lambda:function
// fix: Name the role of the other account that needs it.
MATCH (x:ExternalAccount)-[r:CAN_ASSUME|CAN_ACCESS]->(b)
RETURN x.account_id AS account, x.vendor AS vendor, b.id AS to_id, b.resource_type AS to_type,
       b.account_id AS account_id, type(r) AS relationship, r.mechanism AS mechanism,
       r.verdict AS verdict, coalesce(r.guards, []) AS guards
ORDER BY account, to_id, mechanism
