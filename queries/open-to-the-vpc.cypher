// title: Data services open to their whole VPC
// answers: Which caches, file systems and search domains let in every address of their VPC without a login.
// column id: the service
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column region: its region
// column vpc: the VPC whose addresses reach it
// column ports: the port it listens on
// column verdict: yes, or unknown where something was not collected
// column why: what lets everybody in
// column conditions: what was not collected
// severity: medium: whoever holds one machine of the VPC reads and writes the data
// needs: ec2:vpc, ec2:security-group, ec2:prefix-list, elasticache:cluster, elasticache:replication-group,
//    memorydb:cluster, efs:file-system, opensearch:domain
// fix: Ask for a login (AUTH, user groups, a file system policy), or let only the clients' groups in.
MATCH (n)-[r:OPEN_TO]->(v)
RETURN n.id AS id, n.name AS name, n.resource_type AS resource_type, n.account_id AS account_id,
       n.region AS region, v.id AS vpc, r.ports AS ports, r.verdict AS verdict, r.why AS why,
       coalesce(r.conditions, []) AS conditions
ORDER BY id, vpc
