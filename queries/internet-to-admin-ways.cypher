// title: Whole ways from the internet to admin
// answers: For each machine that the internet reaches and each account that its role becomes admin of,
//    the way in and the shortest way on: internet, load balancer, machine, role, role elsewhere, account.
//    Possible steps only: yes and conditional. Sessions and an admin's limits are seen by mapper paths.
// column machine: the machine
// column account_id: its account
// column admin_of: id of the account that is had
// column sure: whether every step is yes
// column way_in: ids from the internet to the machine
// column way_in_steps: the types of those steps
// column way_on: ids from the machine's role to the account
// column way_on_steps: the types of those steps
// severity: critical: one flaw in what listens there gives the account away
// needs: ec2:vpc, ec2:subnet, ec2:route-table, ec2:internet-gateway, ec2:egress-only-igw, ec2:network-acl,
//    ec2:security-group, ec2:sg-vpc-association, ec2:prefix-list, ec2:network-interface, ec2:address,
//    ec2:instance, ec2:vpc-bpa, elb:load-balancer, elbv2:load-balancer, elbv2:target-group,
//    rds:db-instance, rds:db-cluster, ec2:vpc-peering, ec2:transit-gateway,
//    ec2:transit-gateway-attachment, ec2:transit-gateway-vpc-attachment,
//    ec2:transit-gateway-peering-attachment, ec2:transit-gateway-route-table, ec2:vpn-gateway,
//    dx:gateway, dx:virtual-interface, front-doors, escalation,
//    iam:instance-profile, iam:user, iam:group, iam:role, iam:policy, org:organization, org:root, org:organizational-unit,
//    org:account, org:policy, iam:oidc-provider, iam:saml-provider, cognito:identity-pool, cognito:user-pool,
//    iam:roles-anywhere-trust-anchor, iam:roles-anywhere-profile, eks:cluster, sso:instance,
//    sso:permission-set
// fix: Cut the cheapest step of the way: mapper paths --choke names it.
MATCH p = (s:Internet)-[:CAN_REACH {possible: true}]->(front)-[:TARGETS*0..4 {possible: true}]->(m)
WITH s, m, [n IN nodes(p) | n.id] AS way_in, relationships(p) AS steps
WHERE all(r IN steps WHERE coalesce(r.source, s.id) = s.id
          AND coalesce(r.family, steps[0].family) = steps[0].family)
WITH m, way_in, [r IN steps | type(r)] AS way_in_steps, all(r IN steps WHERE r.definite = true) AS in_sure
MATCH (m)-[carried:HAS_ROLE {possible: true}]->(role)
WHERE coalesce(carried.reached, true)
WITH m, way_in, way_in_steps, in_sure AND carried.definite AS in_sure, role
MATCH (role)-[:CAN_ASSUME|IN_GROUP|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE|HAS_ADMIN|CONTROLS*1..20 {possible: true}]->(c:AWSAccount)
WITH DISTINCT m, way_in, way_in_steps, in_sure, role, c
MATCH q = shortestPath((role)-[:CAN_ASSUME|IN_GROUP|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE|HAS_ADMIN|CONTROLS*1..20]->(c))
WHERE all(r IN relationships(q) WHERE r.possible = true)
RETURN DISTINCT m.id AS machine, m.account_id AS account_id, c.id AS admin_of,
       in_sure AND all(r IN relationships(q) WHERE r.definite = true) AS sure,
       way_in AS way_in, way_in_steps AS way_in_steps,
       [n IN nodes(q) | n.id] AS way_on, [r IN relationships(q) | type(r)] AS way_on_steps
ORDER BY machine, admin_of, way_in, way_on
