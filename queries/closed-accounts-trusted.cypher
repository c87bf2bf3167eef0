// title: Trust in accounts that are closed or suspended
// answers: Which roles and resources a closed or suspended account of the organisation may still use.
// column account: id of the closed account
// column account_name: its name
// column status: SUSPENDED, PENDING_CLOSURE or CLOSED
// column from_id: the account or the principal there
// column to_id: the role or resource
// column account_id: its account
// column relationship: CAN_ASSUME, CAN_ACCESS or SHARED_WITH
// column verdict: yes, conditional, dormant or unknown
// severity: medium: nobody signs in there today; AWS reinstates a closed account for 90 days
// needs: org:account, iam:role, s3:bucket, kms:key, sns:topic, sqs:queue, secretsmanager:secret,
//    ecr:repository, ec2:image, ec2:snapshot, ram:share
// fix: Take the account out of the policy or the share.
MATCH (c:AWSAccount)
WHERE c.status IN ['SUSPENDED', 'PENDING_CLOSURE', 'CLOSED']
MATCH (a)-[r:CAN_ASSUME|CAN_ACCESS]->(b)
WHERE a.account_id = c.account_id AND coalesce(b.account_id, '') <> c.account_id
  AND r.via IS NULL
RETURN c.account_id AS account, c.name AS account_name, c.status AS status, a.id AS from_id,
       b.id AS to_id, b.account_id AS account_id, type(r) AS relationship, r.verdict AS verdict
UNION
MATCH (c:AWSAccount)
WHERE c.status IN ['SUSPENDED', 'PENDING_CLOSURE', 'CLOSED']
MATCH (b)-[r:SHARED_WITH]->(c)
WHERE coalesce(b.account_id, '') <> c.account_id
RETURN c.account_id AS account, c.name AS account_name, c.status AS status, c.id AS from_id,
       b.id AS to_id, b.account_id AS account_id, type(r) AS relationship, r.verdict AS verdict
