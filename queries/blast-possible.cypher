// title: Everything that may follow from control of a node
// answers: What mapper blast tells with the verdict yes or conditional, as blast does for yes alone.
// parameter id (text, default internet): where control starts; internet stands for every source
//    that mapper public shows
// column id: what is reached
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column region: its region
// column network_only: whether every way there uses a machine's network reach: a port is open,
//    nothing is controlled
// severity: info: what an attacker has who has the start; mapper blast weighs it
// needs: escalation, iam:user, iam:group, iam:role, iam:policy, iam:instance-profile, org:organization, org:root,
//    org:organizational-unit, org:account, org:policy, iam:oidc-provider, iam:saml-provider,
//    cognito:identity-pool, cognito:user-pool, iam:roles-anywhere-trust-anchor, iam:roles-anywhere-profile, eks:cluster,
//    sso:instance, sso:permission-set, ec2:vpc, ec2:subnet, ec2:route-table, ec2:internet-gateway,
//    ec2:egress-only-igw, ec2:network-acl, ec2:security-group, ec2:sg-vpc-association, ec2:prefix-list,
//    ec2:network-interface, ec2:address, ec2:instance, ec2:vpc-bpa, elb:load-balancer,
//    elbv2:load-balancer, elbv2:target-group, lambda:function, front-doors
// fix: Cut the step that most of it hangs on: mapper paths --choke names it.
CALL () {
  OPTIONAL MATCH (p:Source) WHERE $id = 'internet' AND p.shown = true
  WITH collect(p.starts_as) AS shown
  UNWIND (CASE WHEN size(shown) > 0 THEN shown ELSE [$id] END) AS origin
  WITH origin
  MATCH (s:Resource {id: origin})-[:CAN_REACH|TARGETS|IN_GROUP|HAS_ROLE|CAN_ASSUME|CAN_ESCALATE_TO|CAN_EXECUTE_ON|CAN_ACCESS|HAS_ADMIN|CONTROLS|LEADS_TO*1..1000 {follows: true, possible: true}]->(x)
  RETURN DISTINCT coalesce(x.of, x.id) AS found, 0 AS held
  UNION
  OPTIONAL MATCH (p:Source) WHERE $id = 'internet' AND p.shown = true
  WITH collect(p.starts_as) AS shown
  UNWIND (CASE WHEN size(shown) > 0 THEN shown ELSE [$id] END) AS origin
  WITH origin
  MATCH (s:Resource {id: origin})-[:CAN_REACH|TARGETS|IN_GROUP|HAS_ROLE|CAN_ASSUME|CAN_ESCALATE_TO|CAN_EXECUTE_ON|CAN_ACCESS|HAS_ADMIN|CONTROLS|LEADS_TO*1..1000 {follows: true, possible: true, lateral: false}]->(x)
  RETURN DISTINCT coalesce(x.of, x.id) AS found, 1 AS held
}
WITH found, max(held) AS held
MATCH (n:Resource {id: found})
WHERE found <> $id AND ($id <> 'internet' OR n.shown IS NULL) AND NOT n:PrincipalSet AND NOT n:ResourceSet
  AND NOT n:NetworkGroup AND NOT n:NetworkTarget AND NOT n:NetworkRange
RETURN n.id AS id, n.name AS name, n.resource_type AS resource_type, n.account_id AS account_id,
       n.region AS region, held = 0 AS network_only
ORDER BY id
