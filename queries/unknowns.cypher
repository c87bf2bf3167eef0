// title: What could not be decided
// answers: Which steps have the verdict unknown, and which missing document is to blame.
// column cause: what was not collected
// column relationship: the relationship's type
// column steps: how many steps hang on it
// severity: info: collect again with more rights to settle them
// needs: aws:account
// fix: Give the collecting role the missing right: mapper coverage names the denied calls.
MATCH (a)-[r]->(b)
WHERE r.verdict = 'unknown' AND NOT type(r) IN ['LEADS_TO', 'STARTS_AT', 'PASSES', 'ENDS_AT']
UNWIND (CASE WHEN size(coalesce(r.conditions, [])) = 0 THEN ['not named'] ELSE r.conditions END) AS cause
WITH cause, type(r) AS relationship, count(r) AS steps
RETURN cause AS cause, relationship AS relationship, steps AS steps
ORDER BY steps DESC, cause, relationship
