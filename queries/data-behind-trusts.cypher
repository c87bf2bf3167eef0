// title: Data that roles may use which somebody assumes
// answers: What stands behind a role that is assumed: the resources and sets of resources that it
//    may use, by its own policies or by theirs; which of them sources outside may use without the
//    role; and which resources of a set bear tags or are open so.
// parameter stale (boolean, default false): also what could not be read any more
// column from_id: the role, or the source; of TARGETS the set of resources
// column from_labels: its labels
// column to_id: the resource, or the set of resources
// column to_name: its name
// column to_type: its CloudFormation type
// column to_account: its account
// column relationship: CAN_ACCESS, or TARGETS from a set to one of its resources
// column verdict: yes, conditional, dormant or unknown
// column level: read, write or admin
// column size: how many resources a set holds; 1 for a resource
// column tags: key=value of a resource
// severity: info: what a role reaches; mapper trusts puts it beside the chains
// needs: iam:user, iam:group, iam:role, iam:policy, org:organization, org:policy, s3:bucket,
//    kms:key, sns:topic, sqs:queue, secretsmanager:secret, lambda:function
// fix: Take from the role what whoever assumes it does not need.
MATCH (a:IAMRole)-[r:CAN_ACCESS]->(b)
WHERE EXISTS { MATCH (x)-[:CAN_ASSUME]->(a) WHERE NOT 'AWSService' IN labels(x) } AND (b.stale_since IS NULL OR $stale = true)
RETURN a.id AS from_id, labels(a) AS from_labels, b.id AS to_id, b.name AS to_name,
       b.resource_type AS to_type, b.account_id AS to_account,
       type(r) AS relationship, r.verdict AS verdict, r.level AS level,
       coalesce(b.member_count, 1) AS size, coalesce(b.tags, []) AS tags
UNION
MATCH (a:IAMRole)-[:IN_GROUP]->(s:PrincipalSet)-[r:CAN_ACCESS]->(b)
WHERE EXISTS { MATCH (x)-[:CAN_ASSUME]->(a) WHERE NOT 'AWSService' IN labels(x) } AND (b.stale_since IS NULL OR $stale = true)
RETURN a.id AS from_id, labels(a) AS from_labels, b.id AS to_id, b.name AS to_name,
       b.resource_type AS to_type, b.account_id AS to_account,
       type(r) AS relationship, r.verdict AS verdict, r.level AS level,
       coalesce(b.member_count, 1) AS size, coalesce(b.tags, []) AS tags
UNION
MATCH (a:Source)-[r:CAN_ACCESS]->(b)
WHERE NOT 'AWSService' IN labels(a) AND (b.stale_since IS NULL OR $stale = true)
RETURN a.id AS from_id, labels(a) AS from_labels, b.id AS to_id, b.name AS to_name,
       b.resource_type AS to_type, b.account_id AS to_account,
       type(r) AS relationship, r.verdict AS verdict, r.level AS level, 1 AS size,
       coalesce(b.tags, []) AS tags
UNION
MATCH (s:ResourceSet)-[r:TARGETS]->(b)
WHERE size(coalesce(b.tags, [])) > 0 OR EXISTS { MATCH (x:Source)-[:CAN_ACCESS]->(b) }
RETURN s.id AS from_id, labels(s) AS from_labels, b.id AS to_id, b.name AS to_name,
       b.resource_type AS to_type, b.account_id AS to_account,
       type(r) AS relationship, r.verdict AS verdict, '' AS level, 1 AS size,
       coalesce(b.tags, []) AS tags
