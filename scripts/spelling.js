// The words of the product, spelled one way in code, docs and messages. Prints every other spelling with its place; exits 1 if any.
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { trackedFiles } = require('./tracked-files.js');

/** A spelling that is not ours, and the word for it. Patterns are of prose: identifiers such as `rollBack` are left alone. */
const WORDS = [
  [/\bblue[ ]?green\b|\bBlueGreen\b/, 'blue-green'],
  [/\bdeploy ments?\b|\bdeployement\b|\bdeploymnet\b/i, 'deployment'],
  [/(?<!\/)\broll-backs?\b|\brollback-ed\b/i, 'rollback (the noun), roll back (the verb)'],
  [/\brolled back\b(?= (outcome|deployment)\b)/i, 'rolled-back (the outcome)'],
  [/\brolling back-?ed\b|\brollbacked\b/i, 'rolled back'],
  [/\bhealth-check(s|ed)?\b/i, 'health check'],
  [/\bsmoke-tests?\b/i, 'smoke test'],
  [/\bartefacts?\b/i, 'artifact'],
  [/\bwebhook url\b|\bweb-hooks?\b/i, 'webhook'],
  [/\bweb ui\b/, 'Web UI'],
  [/\bwork-flows?\b/i, 'workflow'],
  [/\btime outs?\b|\btime-out'd\b/i, 'time-out'],
  [/\bPostgres\b(?!QL)(?![\w:'"`/-])/, 'PostgreSQL'],
  [/\bTypescript\b/, 'TypeScript'],
  [/\bNodejs\b|\bNodeJS\b(?!\.)/, 'Node.js'],
  [/\bWebsocket(s)?\b/, 'WebSocket'],
  [/\bin-flight requests?\b/i, 'requests in flight'],
  [/\bcanaries\b/i, 'canary releases'],
  [/\brecieve|\bseperat|\boccured\b|\bsucessful|\bneccessar|\bdefinately\b/i, 'another spelling'],
];

const READ = /\.(ts|js|md|sql|html|css|ya?ml|json)$/;
const LEFT_OUT =
  /^(package-lock\.json|scripts\/spelling\.js|test\/scripts\/checks|test\/(fixtures|histories)\/|examples\/apps\/.*\.json)|\/package-lock\.json$/;

function misspellings(file, text) {
  return text.split('\n').flatMap((line, index) =>
    WORDS.flatMap(([pattern, word]) => {
      const found = pattern.exec(line);
      return found === null ? [] : [`${file}:${index + 1}:${found.index + 1} ${found[0]}: ${word}`];
    }),
  );
}

function check(root) {
  const files = trackedFiles(root).filter((file) => READ.test(file) && !LEFT_OUT.test(file));
  return files.flatMap((file) => misspellings(file, readFileSync(path.join(root, file), 'utf8')));
}

module.exports = { check, misspellings };
if (require.main === module) {
  const found = check(path.join(__dirname, '..'));
  for (const line of found) console.log(line);
  process.exitCode = found.length > 0 ? 1 : 0;
}
