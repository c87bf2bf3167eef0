// title: Host names and addresses of what the internet may reach
// answers: By which host name, public IPv4 or IPv6 address a machine, load balancer or database is
//    found; whether it answers there is the question of public-network.
// column id: the resource
// column host_name: its host name
// column ipv4: its public IPv4 addresses
// column ipv6: its IPv6 addresses
// severity: info: addresses alone expose nothing
// needs: ec2:vpc, ec2:subnet, ec2:route-table, ec2:internet-gateway, ec2:egress-only-igw, ec2:network-acl,
//    ec2:security-group, ec2:sg-vpc-association, ec2:prefix-list, ec2:network-interface, ec2:address,
//    ec2:instance, ec2:vpc-bpa, elb:load-balancer, elbv2:load-balancer, elbv2:target-group,
//    rds:db-instance, rds:db-cluster, ec2:vpc-peering, ec2:transit-gateway,
//    ec2:transit-gateway-attachment, ec2:transit-gateway-vpc-attachment,
//    ec2:transit-gateway-peering-attachment, ec2:transit-gateway-route-table, ec2:vpn-gateway,
//    dx:gateway, dx:virtual-interface, front-doors
// fix: Nothing to fix.
MATCH (n:Resource)
WHERE n.dns_name IS NOT NULL OR n.endpoint_address IS NOT NULL OR n.public_ips IS NOT NULL
   OR n.ipv6_addresses IS NOT NULL
RETURN n.id AS id, coalesce(n.dns_name, n.endpoint_address) AS host_name,
       coalesce(n.public_ips, []) AS ipv4, coalesce(n.ipv6_addresses, []) AS ipv6
ORDER BY id
