// title: Every step of the ways from the internet to admin
// answers: The steps that lie on some way from the internet through a machine and its role to admin of an
//    account: internet, load balancer, machine, role, role elsewhere, account. Possible steps only: yes and
//    conditional. Sessions and an admin's limits are seen by mapper paths alone.
// column from_id: where the step starts
// column from_name: its name
// column relationship: the step's type
// column to_id: where it leads
// column to_name: its name
// column account_id: the account that it leads to
// column definite: whether such a step is yes
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
CALL () {
  MATCH p = (s:Internet)-[:CAN_REACH {possible: true}]->(front)-[:TARGETS*0..4 {possible: true}]->(m)
  WITH s, m, relationships(p) AS steps
  WHERE all(r IN steps WHERE coalesce(r.source, s.id) = s.id
            AND coalesce(r.family, steps[0].family) = steps[0].family)
  MATCH (m)-[h:HAS_ROLE {possible: true}]->(role)
  WHERE coalesce(h.reached, true) = true
  MATCH (role)-[:CAN_ASSUME|IN_GROUP|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE*0..20 {possible: true}]->(x)
  WITH DISTINCT steps, h, x
  MATCH (x)-[:HAS_ADMIN|CAN_ESCALATE_TO {possible: true}]->(:AWSAccount)
  WITH DISTINCT steps, h
  UNWIND steps + [h] AS r
  RETURN DISTINCT startNode(r).id AS from_id, type(r) AS relationship, endNode(r).id AS to_id, r.key AS key, r.definite AS definite, 2 AS side
  UNION
  MATCH p = (s:Internet)-[:CAN_REACH {possible: true}]->(front)-[:TARGETS*0..4 {possible: true}]->(m)
  WITH s, m, relationships(p) AS steps
  WHERE all(r IN steps WHERE coalesce(r.source, s.id) = s.id
            AND coalesce(r.family, steps[0].family) = steps[0].family)
  WITH DISTINCT m
  MATCH (m)-[h:HAS_ROLE {possible: true}]->(role)
  WHERE coalesce(h.reached, true) = true
  MATCH (role)-[:CAN_ASSUME|IN_GROUP|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE*0..20 {possible: true}]->(x)
  WITH DISTINCT x
  MATCH (x)-[r:CAN_ASSUME|IN_GROUP|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE|HAS_ADMIN {possible: true}]->(y)
  RETURN DISTINCT x.id AS from_id, type(r) AS relationship, y.id AS to_id, r.key AS key, r.definite AS definite, 0 AS side
  UNION
  MATCH (y)-[r:HAS_ADMIN|CAN_ESCALATE_TO {possible: true}]->(c:AWSAccount)
  RETURN DISTINCT y.id AS from_id, type(r) AS relationship, c.id AS to_id, r.key AS key, r.definite AS definite, 1 AS side
  UNION
  MATCH (z)-[:HAS_ADMIN|CAN_ESCALATE_TO {possible: true}]->(:AWSAccount)
  WITH DISTINCT z
  MATCH (y)-[:CAN_ASSUME|IN_GROUP|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE*0..20 {possible: true}]->(z)
  WITH DISTINCT y
  MATCH (x)-[r:CAN_ASSUME|IN_GROUP|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE {possible: true}]->(y)
  RETURN DISTINCT x.id AS from_id, type(r) AS relationship, y.id AS to_id, r.key AS key, r.definite AS definite, 1 AS side
}
WITH from_id, relationship, to_id, key, definite, max(side) AS far, count(DISTINCT side) AS sides
WHERE far = 2 OR sides = 2
MATCH (a:Resource {id: from_id}) MATCH (b:Resource {id: to_id})
WITH a, relationship, b, max(CASE WHEN definite = true THEN 1 ELSE 0 END) AS sure
RETURN a.id AS from_id, a.name AS from_name, relationship AS relationship, b.id AS to_id, b.name AS to_name,
       b.account_id AS account_id, sure = 1 AS definite
ORDER BY from_id, relationship, to_id
