import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/**', '**/*.as.ts', 'build/**', 'var/**'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers belong in messages; everything else must be turned into text on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Indexing typed arrays in pixel loops is checked by tests and fuzzing, not by `!` after every access.
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-console': 'error',
      // The constructors of our error classes narrow the codes of their room.
      '@typescript-eslint/no-useless-constructor': 'off',
    },
  },
  {
    files: ['test/**'],
    rules: {
      // node:test's `test` and `describe` return promises that the runner awaits itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] },
          ],
        },
      ],
      'no-console': 'off',
    },
  },
  { files: ['device/cli/**', '.ci/**'], rules: { 'no-console': 'off' } },
  { files: ['**/*.mjs', '**/*.cjs', 'device/console/page/*.js'], ...tseslint.configs.disableTypeChecked },
  {
    // What browsers run, as it is.
    files: ['device/console/page/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['fetch', 'EventSource', 'FormData', 'document', 'location', 'addEventListener', 'removeEventListener'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly', module: 'writable' },
    },
  },
);
