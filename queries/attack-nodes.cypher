// title: Everything that an attack passes or reaches
// answers: The nodes at the ends of attack steps.
// column id: the node
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column region: its region
// column labels: its labels
// column category: identity, compute, data, ...
// column tags: key=value
// column last_used: when a role was last used, as far as AWS says
// column http_tokens: of a machine: required (IMDSv2 only) or optional
// column http_endpoint: of a machine: whether the metadata service answers
// column hop_limit: of a machine: how many hops the metadata answer survives
// severity: info: what the steps join
// needs: ec2:instance, iam:user, iam:role
// fix: See the steps that lead there: mapper paths.
MATCH (n:Resource)
WHERE EXISTS { (n)-[:CAN_REACH|TARGETS|IN_GROUP|HAS_ROLE|CAN_ASSUME|CAN_ESCALATE_TO|CAN_EXECUTE_ON|CAN_ACCESS|HAS_ADMIN|CONTROLS]->() }
   OR EXISTS { ()-[:CAN_REACH|TARGETS|IN_GROUP|HAS_ROLE|CAN_ASSUME|CAN_ESCALATE_TO|CAN_EXECUTE_ON|CAN_ACCESS|HAS_ADMIN|CONTROLS]->(n) }
RETURN n.id AS id, n.name AS name, n.resource_type AS resource_type, n.account_id AS account_id,
       n.region AS region, labels(n) AS labels, n.category AS category,
       coalesce(n.tags, []) AS tags, n.last_used_date AS last_used,
       n.http_tokens AS http_tokens, n.http_endpoint AS http_endpoint,
       n.http_put_response_hop_limit AS hop_limit
ORDER BY id
