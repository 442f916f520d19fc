// The files of the repository: what git knows and what it would add, or the whole tree where there is no git.
const { execFileSync } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const path = require('node:path');

const NOT_OURS = /(^|\/)(node_modules|dist|coverage|\.git)\//;

function trackedFiles(root) {
  try {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const files = [...new Set(listed.split('\0'))];
    return files.filter((file) => file !== '' && existsSync(path.join(root, file)));
  } catch {
    return everyFile(root);
  }
}

function everyFile(root) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !NOT_OURS.test(file));
}

module.exports = { trackedFiles };
