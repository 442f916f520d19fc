const js = require('@eslint/js');
const tseslint = require('typescript-eslint');
const regexp = require('eslint-plugin-regexp');
const imports = require('./scripts/lint/imports.js');

const TYPESCRIPT = ['**/*.ts'];
const TESTS = ['test/**'];
/** What talks to a person's terminal. */
const PRINTS = ['client/cli/print.ts', 'scripts/**', 'bench/**', 'examples/*.ts'];
const NO_SHELL = 'commands run as argument arrays, never through a shell';

module.exports = tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'examples/apps/**', 'test/fixtures/**', 'coverage/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: commonJs() },
  },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: __dirname } },
    plugins: { mvca: { rules: { imports: imports.rule } } },
    rules: {
      'mvca/imports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
    },
  },
  {
    files: [...TYPESCRIPT, 'scripts/**/*.js'],
    rules: {
      // Every `?.` and `??` counts as a branch in ESLint 9: 16 of those is about 8 branches that a reader sees.
      complexity: ['error', 16],
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 60 }],
      'max-params': ['error', 4],
      'no-console': 'error',
      'no-control-regex': 'off',
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:child_process', 'child_process'].map((name) => ({
            name,
            importNames: ['exec', 'execSync'],
            message: NO_SHELL,
          })),
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "Property[key.name='shell'][value.value!=false]", message: NO_SHELL },
        { selector: 'ExportDefaultDeclaration', message: 'named exports only' },
        {
          selector: "CallExpression[callee.object.name='Connection'][callee.property.name='connect']",
          message: 'use connectTemporal: a call that is repeated on a closed connection ends the process',
        },
      ],
    },
  },
  {
    // What reads what others wrote must be linear: a pattern that is not lets one line of a log hold up everybody.
    files: TYPESCRIPT,
    ignores: [...TESTS, 'bench/**', 'scripts/**'],
    plugins: { regexp },
    rules: { 'regexp/no-super-linear-backtracking': 'error', 'regexp/no-super-linear-move': 'error' },
  },
  // It is given 4,000 characters at most (`shown` in quote.ts).
  { files: ['domain/diagnosis/mask.ts'], rules: { 'regexp/no-super-linear-move': 'off' } },
  { files: PRINTS, rules: { 'no-console': 'off' } },
  {
    files: TESTS,
    rules: {
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': 'off',
      'max-params': 'off',
      complexity: 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
);

function commonJs() {
  const names = [
    'require',
    'module',
    'process',
    'console',
    '__dirname',
    'setTimeout',
    'clearTimeout',
    'Buffer',
    'URL',
    'fetch',
  ];
  return Object.fromEntries(names.map((name) => [name, 'readonly']));
}
