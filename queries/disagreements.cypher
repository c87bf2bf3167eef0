// title: Where AWS's own analysers say otherwise
// answers: Which stored answers of Reachability Analyzer, Network Access Analyzer and IAM Access
//    Analyzer contradict ours, with both reasons. They saw the configuration of their day, which may
//    not be the snapshot's.
// column tool: the analyser
// column question: from what or whom to what, on which ports
// column theirs: reachable, not reachable, external access, public access, no finding; archived ones say so
// column their_reason: explanation codes, the components of the path, or what the finding says
// column analysed_at: when AWS analysed it
// column ours: our verdict
// column our_reason: our reason
// column id: the resource that it is about
// column account: its account
// column analysis: id of the analysis or finding; ARN of an analyzer that has no finding
// severity: info: one of the two is wrong or out of date, look at both
// needs: ec2:network-insights-path, ec2:network-insights-analysis,
//    ec2:network-insights-access-scope-analysis, reach, aa:analyzer, s3:bucket, s3:account-bpa,
//    s3:access-point, s3:mrap, s3:directory-bucket, iam:user, iam:group, iam:role, iam:policy,
//    iam:oidc-provider, iam:saml-provider, cognito:identity-pool, cognito:user-pool, org:organization, org:root,
//    org:organizational-unit, org:account, org:policy, kms:key, lambda:function, lambda:layer,
//    sqs:queue, secretsmanager:secret, secretsmanager:extra-policies, sns:topic, ec2:snapshot,
//    ec2:account-guards, rds:db-snapshot, rds:db-cluster-snapshot, ecr:repository, efs:file-system,
//    dynamodb:table
// fix: Run the analysis again; if it still differs, mapper explain shows our proof step by step.
//    docs/trust.md, Second opinions, says in what IAM Access Analyzer differs on purpose.
MATCH (d:Disagreement)-[:CONCERNS]->(n)
RETURN d.tool AS tool, d.question AS question, d.theirs AS theirs, d.their_reason AS their_reason,
       d.analysed_at AS analysed_at, d.ours AS ours, d.our_reason AS our_reason, n.id AS id,
       n.account_id AS account, d.analysis AS analysis
ORDER BY tool, question, analysis, id
