// title: Where AWS's own analysers say otherwise
// answers: Which stored answers of Reachability Analyzer and Network Access Analyzer contradict ours,
//    with both reasons. They saw the configuration of their day, which may not be the snapshot's.
// column tool: the analyser
// column question: from what to what, on which ports
// column theirs: reachable or not reachable
// column their_reason: explanation codes, or the components of the path
// column analysed_at: when AWS analysed it
// column ours: our verdict
// column our_reason: our reason
// column id: the resource that it is about
// column account: its account
// column analysis: id of the analysis or finding
// severity: info: one of the two is wrong or out of date, look at both
// needs: ec2:network-insights-path, ec2:network-insights-analysis,
//    ec2:network-insights-access-scope-analysis, reach
// fix: Run the analysis again; if it still differs, mapper explain shows our proof step by step.
MATCH (d:Disagreement)-[:CONCERNS]->(n)
RETURN d.tool AS tool, d.question AS question, d.theirs AS theirs, d.their_reason AS their_reason,
       d.analysed_at AS analysed_at, d.ours AS ours, d.our_reason AS our_reason, n.id AS id,
       n.account_id AS account, d.analysis AS analysis
ORDER BY tool, question, analysis, id
