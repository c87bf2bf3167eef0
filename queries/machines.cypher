// title: Machines, their roles and their metadata service
// answers: Which instances run, with which role, and whether IMDSv1 still answers.
// parameter stale (boolean, default false): also what could not be read any more
// column id: the instance
// column name: its name
// column account_id: its account
// column region: its region
// column roles: the roles that it carries
// column http_tokens: required (IMDSv2 only) or optional (IMDSv1 answers too)
// column http_endpoint: enabled or disabled
// column hop_limit: how many network hops the metadata answer survives
// severity: info: low where IMDSv1 answers and a role is carried
// needs: ec2:instance, iam:instance-profile, iam:role
// fix: Require IMDSv2 (HttpTokens=required).
MATCH (n:EC2Instance)
WHERE n.stale_since IS NULL OR $stale = true
OPTIONAL MATCH (n)-[:HAS_ROLE]->(role)
WITH n, collect(role.id) AS roles
RETURN n.id AS id, n.name AS name, n.account_id AS account_id, n.region AS region,
       roles AS roles, n.http_tokens AS http_tokens, n.http_endpoint AS http_endpoint,
       n.http_put_response_hop_limit AS hop_limit
ORDER BY account_id, region, id
