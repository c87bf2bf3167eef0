// title: What a map shows
// answers: Every resource and principal with the network that it stands in.
// parameter stale (boolean, default false): also what could not be read any more
// column id: the node
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column region: its region
// column labels: its labels
// column tags: key=value
// column vpcs: ids of the VPCs that it stands in
// column subnets: ids of the subnets that it stands in
// severity: info: inventory
// needs: aws:account, ec2:vpc, ec2:subnet
// fix: Nothing to fix.
MATCH (n:Resource)
WHERE NOT 'NetworkTarget' IN labels(n) AND NOT 'NetworkGroup' IN labels(n)
  AND NOT 'NetworkRange' IN labels(n) AND NOT 'AttackState' IN labels(n)
  AND NOT 'AttackPath' IN labels(n)
  AND (n.stale_since IS NULL OR $stale = true)
OPTIONAL MATCH (n)-[:IN_SUBNET]->(s)
WITH n, collect(DISTINCT s.id) AS subnets
OPTIONAL MATCH (n)-[:IN_VPC]->(v)
WITH n, subnets, collect(DISTINCT v.id) AS vpcs
RETURN n.id AS id, n.name AS name, n.resource_type AS resource_type, n.account_id AS account_id,
       n.region AS region, labels(n) AS labels, coalesce(n.tags, []) AS tags,
       vpcs AS vpcs, subnets AS subnets
ORDER BY id
