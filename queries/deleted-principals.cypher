// title: Policies that name deleted principals
// answers: Which trust policies and resource policies name a user or role that is gone: AWS put its
//    unique id (AIDA..., AROA...) in the ARN's place. Nobody gets in by it; who made the policy
//    trusted somebody who may come back under the same name and be named again.
// column holder: the role or resource that carries the policy
// column holder_type: its CloudFormation type
// column account_id: its account
// column policy: trust or resource
// column unique_id: the id that stands in the policy
// column kind: user, role or other
// severity: low: a stale entry; clean-up shows whom the policy still lets in
// needs: iam:role, iam:user, s3:bucket, kms:key, sns:topic, sqs:queue, secretsmanager:secret, ecr:repository
// fix: Take the entry out of the policy.
MATCH (h)-[d:HAS_DOCUMENT]->(:PolicyDocument)-[:HAS_STATEMENT]->(s:PolicyStatement)
WHERE d.kind IN ['trust', 'resource'] AND s.effect = 'Allow'
UNWIND coalesce(s.principals, []) AS named
WITH h, d, named, substring(named, 4) AS gone
WHERE (named STARTS WITH 'AWS=AROA' OR named STARTS WITH 'AWS=AIDA' OR named STARTS WITH 'AWS=AGPA')
  AND size(named) >= 16
OPTIONAL MATCH (u:IAMUser {unique_id: gone})
OPTIONAL MATCH (r:IAMRole {unique_id: gone})
WITH h, d, gone, u, r
WHERE u IS NULL AND r IS NULL
RETURN DISTINCT h.id AS holder, h.resource_type AS holder_type, h.account_id AS account_id,
       d.kind AS policy, gone AS unique_id,
       CASE WHEN gone STARTS WITH 'AIDA' THEN 'user'
            WHEN gone STARTS WITH 'AROA' THEN 'role' ELSE 'other' END AS kind
ORDER BY holder, unique_id
