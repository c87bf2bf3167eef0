// title: Roles that AWS services may assume
// answers: Which AWS service may assume which role, e.g. ec2.amazonaws.com for a machine's role.
// column service: e.g. service:ec2.amazonaws.com
// column role: the role
// column account_id: its account
// column verdict: yes, conditional, dormant or unknown
// column guards: for whom the service may come, in words; confused-deputies lists where nothing says so
// severity: info: normal for machines and functions
// needs: iam:role
// fix: Pin services to this account with aws:SourceAccount where they act for many customers.
MATCH (s:AWSService)-[r:CAN_ASSUME]->(role)
RETURN s.id AS service, role.id AS role, role.account_id AS account_id, r.verdict AS verdict,
       coalesce(r.guards, []) AS guards
ORDER BY service, role
