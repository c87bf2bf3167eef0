// title: From the internet to admin through a machine
// answers: Which machines that the internet reaches carry a role that becomes admin of an account.
//    Possible steps only: yes and conditional.
// column machine: the machine
// column name: its name
// column account_id: its account
// column region: its region
// column front_door: what the internet reaches first
// column role: the role that the machine carries
// column admin_of: id of the account
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
// fix: Cut the cheaper end: take the machine off the internet, or the admin rights off its role.
MATCH p = (s:Internet)-[:CAN_REACH {possible: true}]->(front)-[:TARGETS*0..4 {possible: true}]->(m)
WITH s, front, m, relationships(p) AS steps
WHERE all(r IN steps WHERE coalesce(r.source, s.id) = s.id
          AND coalesce(r.family, steps[0].family) = steps[0].family)
WITH DISTINCT front, m
MATCH (m)-[carried:HAS_ROLE {possible: true}]->(role)
WHERE coalesce(carried.reached, true)
MATCH (role)-[:CAN_ASSUME|IN_GROUP|TARGETS|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE*0..10 {possible: true}]->(b)
MATCH (b)-[:HAS_ADMIN|CAN_ESCALATE_TO {possible: true}]->(c:AWSAccount)
RETURN DISTINCT m.id AS machine, m.name AS name, m.account_id AS account_id, m.region AS region,
       front.id AS front_door, role.id AS role, c.id AS admin_of
ORDER BY machine, front_door, role, admin_of
