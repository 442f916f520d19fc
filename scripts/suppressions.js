// Every suppression of a check has its reason beside it: `// eslint-disable-next-line rule -- why`.
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { trackedFiles } = require('./tracked-files.js');

const CODE = /\.(ts|js)$/;
const SUPPRESSION = /(eslint-disable|prettier-ignore|istanbul ignore|@ts-(ignore|expect-error|nocheck))/;
const WITH_REASON =
  /(eslint-disable[\w-]* [^*]* -- \S|(prettier-ignore|istanbul ignore \w+|@ts-expect-error):? -* *\w{3,})/;
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;

function suppressions(file, text) {
  return text.split('\n').flatMap((line, index) => {
    const place = `${file}:${index + 1}`;
    if (SUPPRESSION.test(line) && !WITH_REASON.test(line)) return [`${place} a suppression without a reason beside it`];
    return UNFINISHED.test(line) ? [`${place} unfinished work: ${UNFINISHED.exec(line)[0]}`] : [];
  });
}

function check(root) {
  const files = trackedFiles(root).filter(
    (file) => CODE.test(file) && !/^(test\/fixtures|examples\/apps|scripts\/suppressions\.js)/.test(file),
  );
  return files.flatMap((file) => suppressions(file, readFileSync(path.join(root, file), 'utf8')));
}

module.exports = { check, suppressions };
if (require.main === module) {
  const found = check(path.join(__dirname, '..'));
  for (const line of found) console.log(line);
  process.exitCode = found.length > 0 ? 1 : 0;
}
