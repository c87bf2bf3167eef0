// title: Every step of an attack
// answers: The relationships that attack paths walk, in the direction of the attack, with what a
//    walk needs of them. mapper paths and mapper blast put them together.
// column from_id: where the step starts
// column to_id: where it leads
// column relationship: the relationship's type
// column key: the relationship's key
// column mechanism: how
// column technique: the catalogued technique that it is, if it is one
// column source: of a front door's step: for whom it leads on
// column family: ipv4 or ipv6
// column ports: strongest ports
// column level: of access: read, write or admin
// column actions: IAM actions
// column via: what is used on the way
// column reached: of a role: whether who reaches the workload reaches what acts with the role
// column verdict: yes, conditional, dormant or unknown
// column why: the reason in one sentence
// column conditions: under which conditions
// column guards: controls in the way that do not change the verdict
// column assumes: layers taken as absent because they were invisible
// column evidence: sentences
// column session: source identity and tags that assuming a role needs, as key=value|value
// column techniques: how admin rights are had
// column limits: targets that a Deny takes out
// severity: info: a step alone
// needs: iam:user, iam:group, iam:role, iam:policy, iam:instance-profile, org:organization, org:root,
//    org:organizational-unit, org:account, org:policy, iam:oidc-provider, iam:saml-provider,
//    cognito:identity-pool, cognito:user-pool, iam:roles-anywhere-trust-anchor, iam:roles-anywhere-profile, eks:cluster,
//    sso:instance, sso:permission-set, ec2:vpc, ec2:subnet, ec2:route-table, ec2:internet-gateway,
//    ec2:egress-only-igw, ec2:network-acl, ec2:security-group, ec2:sg-vpc-association, ec2:prefix-list,
//    ec2:network-interface, ec2:address, ec2:instance, ec2:vpc-bpa, elb:load-balancer,
//    elbv2:load-balancer, elbv2:target-group, lambda:function, front-doors, escalation
// fix: Cut the step that most paths use: mapper paths --choke names it.
MATCH (a)-[r:CAN_REACH|TARGETS|IN_GROUP|HAS_ROLE|CAN_ASSUME|CAN_ESCALATE_TO|CAN_EXECUTE_ON|CAN_ACCESS|HAS_ADMIN|CONTROLS]->(b)
RETURN a.id AS from_id, b.id AS to_id, type(r) AS relationship, r.key AS key, r.mechanism AS mechanism,
       r.technique AS technique, r.source AS source, r.family AS family,
       coalesce(r.ports, []) AS ports, r.level AS level, coalesce(r.actions, []) AS actions,
       coalesce(r.via, []) AS via, r.reached AS reached, r.verdict AS verdict, r.why AS why,
       coalesce(r.conditions, []) AS conditions, coalesce(r.guards, []) AS guards,
       coalesce(r.assumes, []) AS assumes, coalesce(r.evidence, []) AS evidence,
       coalesce(r.session, []) AS session, coalesce(r.techniques, []) AS techniques,
       coalesce(r.limits, []) AS limits
ORDER BY from_id, to_id, relationship, mechanism
