// title: What the internet reaches over the network
// answers: Which machines, load balancers, databases and other front doors a host on the internet
//    (or in a named public address range) reaches, directly or behind a load balancer.
// column source: id of the source, e.g. internet or cidr:203.0.113.0/24
// column source_labels: the source's labels
// column id: what is reached
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column region: its region
// column labels: its labels
// column tags: its tags, key=value
// column mechanism: e.g. eni/ipv4, alb/ipv6
// column family: ipv4 or ipv6
// column ports: the ports with the strongest verdict, e.g. tcp/443
// column other_ports: weaker ports with their verdict, e.g. tcp/8080=conditional
// column step_ports: the ports at the end of each step, where the step changes them
// column step_other_ports: the weaker ports of each step
// column step_door_ports: for each step the ports of the first front door that lead there, if told
// column node_ids: every node on the way, the source first
// column node_labels: their labels
// column node_dns_names: the host names of each
// column verdicts: the verdict of each step
// column whys: the reason of each step
// column conditions: the conditions of each step
// column guards: the guards of each step
// column assumes: what each step takes as absent because it was invisible
// column evidence: the evidence of each step
// severity: high: what listens there decides; see the severity of mapper public
// needs: ec2:vpc, ec2:subnet, ec2:route-table, ec2:internet-gateway, ec2:egress-only-igw, ec2:network-acl,
//    ec2:security-group, ec2:sg-vpc-association, ec2:prefix-list, ec2:network-interface, ec2:address,
//    ec2:instance, ec2:vpc-bpa, elb:load-balancer, elbv2:load-balancer, elbv2:target-group,
//    rds:db-instance, rds:db-cluster, ec2:vpc-peering, ec2:transit-gateway,
//    ec2:transit-gateway-attachment, ec2:transit-gateway-vpc-attachment,
//    ec2:transit-gateway-peering-attachment, ec2:transit-gateway-route-table, ec2:vpn-gateway,
//    dx:gateway, dx:virtual-interface, front-doors
// fix: Remove the public address, the route or the security group rule that lets 0.0.0.0/0 or ::/0 in.
MATCH p = (s:Source)-[:CAN_REACH]->(front)-[:TARGETS*0..4]->(n)
WHERE NOT 'NetworkTarget' IN labels(n) AND NOT 'ResourceSet' IN labels(n)
  AND NOT 'OnPrem' IN labels(s)
WITH s, n, relationships(p) AS steps, nodes(p) AS passed
WHERE all(r IN steps WHERE coalesce(r.source, s.id) = s.id
          AND coalesce(r.family, steps[0].family) = steps[0].family)
RETURN s.id AS source, labels(s) AS source_labels,
       n.id AS id, n.name AS name, n.resource_type AS resource_type,
       n.account_id AS account_id, n.region AS region, labels(n) AS labels,
       coalesce(n.tags, []) AS tags,
       steps[0].mechanism AS mechanism, steps[0].family AS family,
       steps[0].ports AS ports, steps[0].other_ports AS other_ports,
       [r IN steps | coalesce(r.ports, [])] AS step_ports,
       [r IN steps | coalesce(r.other_ports, [])] AS step_other_ports,
       [r IN steps | coalesce(r.door_ports, [])] AS step_door_ports,
       [x IN passed | x.id] AS node_ids, [x IN passed | labels(x)] AS node_labels,
       [x IN passed | coalesce(x.dns_names, [])] AS node_dns_names,
       [r IN steps | r.verdict] AS verdicts, [r IN steps | r.why] AS whys,
       [r IN steps | coalesce(r.conditions, [])] AS conditions,
       [r IN steps | coalesce(r.guards, [])] AS guards,
       [r IN steps | coalesce(r.assumes, [])] AS assumes,
       [r IN steps | coalesce(r.evidence, [])] AS evidence
ORDER BY source, id, mechanism, node_ids
