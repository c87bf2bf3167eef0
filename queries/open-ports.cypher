// title: Ports open to the internet
// answers: Which ports of what the internet reaches answer, one row per reached front door.
// column id: what the internet reaches first
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column region: its region
// column family: ipv4 or ipv6
// column ports: the ports with the strongest verdict
// column other_ports: weaker ports with their verdict
// column verdict: yes, conditional, dormant or unknown
// severity: high: for ports of administration and databases, else medium
// needs: ec2:vpc, ec2:subnet, ec2:route-table, ec2:internet-gateway, ec2:egress-only-igw, ec2:network-acl,
//    ec2:security-group, ec2:sg-vpc-association, ec2:prefix-list, ec2:network-interface, ec2:address,
//    ec2:instance, ec2:vpc-bpa, elb:load-balancer, elbv2:load-balancer, elbv2:target-group,
//    rds:db-instance, rds:db-cluster, ec2:vpc-peering, ec2:transit-gateway,
//    ec2:transit-gateway-attachment, ec2:transit-gateway-vpc-attachment,
//    ec2:transit-gateway-peering-attachment, ec2:transit-gateway-route-table, ec2:vpn-gateway,
//    dx:gateway, dx:virtual-interface, front-doors
// fix: Close the port in the security group, or let only named ranges in.
MATCH (s:Internet)-[r:CAN_REACH]->(f)
OPTIONAL MATCH (f)-[:TARGETS]->(m)
WITH r, f, m WHERE NOT 'NetworkTarget' IN labels(f) OR m.id IS NOT NULL
WITH r, CASE WHEN 'NetworkTarget' IN labels(f) THEN m ELSE f END AS n
RETURN DISTINCT n.id AS id, n.name AS name, n.resource_type AS resource_type,
       n.account_id AS account_id, n.region AS region, r.family AS family,
       r.ports AS ports, r.other_ports AS other_ports, r.verdict AS verdict
ORDER BY id, family, ports
