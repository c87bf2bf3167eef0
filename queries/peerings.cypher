// title: VPCs joined by peerings
// answers: Which VPCs are peered, and which of them belong to two accounts.
// parameter cross_account (boolean, default false): only peerings between two accounts
// column requester: the VPC that asked
// column requester_account: its account
// column accepter: the VPC that accepted
// column accepter_account: its account
// severity: info: routes and security groups decide what a peering lets through
// needs: ec2:vpc, ec2:vpc-peering
// fix: Delete peerings that nobody uses.
MATCH (a)-[r:PEERED_WITH]->(b)
WHERE $cross_account = false OR coalesce(a.account_id, '') <> coalesce(b.account_id, '')
RETURN a.id AS requester, a.account_id AS requester_account,
       b.id AS accepter, b.account_id AS accepter_account
ORDER BY requester, accepter
