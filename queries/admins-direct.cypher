// title: Principals with admin rights of their own
// answers: Which users, roles and outside principals can take over which account by their own rights.
// column id: the principal
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column admin_of: id of the account
// column techniques: the takeover sets that hold
// column limits: targets that a Deny takes out
// column verdict: yes, conditional, dormant or unknown
// column why: the reason in one sentence
// column conditions: under which conditions
// severity: high: many are meant to be; the list should be short
// needs: iam:user, iam:group, iam:role, iam:policy, org:organization, org:root, org:organizational-unit,
//    org:account, org:policy
// fix: Replace standing admin rights by roles that are assumed for a task.
MATCH (n)-[r:HAS_ADMIN]->(c:AWSAccount)
RETURN n.id AS id, n.name AS name, n.resource_type AS resource_type, n.account_id AS account_id,
       c.id AS admin_of, coalesce(r.techniques, []) AS techniques, coalesce(r.limits, []) AS limits,
       r.verdict AS verdict, r.why AS why, coalesce(r.conditions, []) AS conditions
ORDER BY admin_of, id
