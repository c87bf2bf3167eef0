// title: Names of hosted zones and what they lead to
// answers: Which record of a collected zone leads to which load balancer, distribution, machine, bucket or
//    other resource, directly or through further records.
// parameter account (text, default null): only what lies in this account
// parameter public_only (boolean, default false): leave out the names that only VPCs can look up
// column dns_name: the record's name
// column is_public: whether everybody can look it up
// column zone: the hosted zone
// column id: what it leads to
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account; null where it was not collected and its id does not tell
// column region: its region
// column collected: false for what is known only because the record names it
// severity: info: a name exposes nothing; mapper public says what answers there
// needs: route53:zone, elb:load-balancer, elbv2:load-balancer, cloudfront:distribution, ec2:instance,
//    ec2:network-interface, front-doors
// fix: Delete records that lead to what is not yours any more.
MATCH (zone:HostedZone)-[r:RESOLVES_TO]->(n)
WHERE ($account IS NULL OR n.account_id = $account)
  AND ($public_only = false OR r.is_public = true)
RETURN r.name AS dns_name, r.is_public AS is_public, zone.id AS zone, n.id AS id, n.name AS name,
       n.resource_type AS resource_type, n.account_id AS account_id, n.region AS region,
       coalesce(n.collected, true) AS collected
ORDER BY dns_name, zone, id
