/** The style of the browser's code: rules for mistakes, and for spaces and commas; lines are broken by hand. */

import js from "@eslint/js";
import stylistic from "@stylistic/eslint-plugin";
import globals from "globals";

const modules = "assets/modules";
/** What Node and browsers both have. */
const anywhere = globals["shared-node-browser"];

export default [
  { ignores: ["assets/vendor/**"] },
  { ...js.configs.recommended, files: ["assets/**/*.mjs", "assets/**/*.js", "tests/assets/**/*.mjs"] },
  {
    files: ["assets/**/*.mjs", "assets/**/*.js", "tests/assets/**/*.mjs"],
    languageOptions: { ecmaVersion: 2023, globals: anywhere },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { stylistic },
    rules: {
      "eqeqeq": "error",
      "no-implicit-globals": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      "stylistic/arrow-parens": "error",
      "stylistic/arrow-spacing": "error",
      "stylistic/comma-dangle": ["error", "always-multiline"],
      "stylistic/comma-spacing": "error",
      "stylistic/eol-last": "error",
      "stylistic/indent": ["error", 2, { SwitchCase: 1, ignoredNodes: ["ConditionalExpression"] }],
      "stylistic/key-spacing": "error",
      "stylistic/keyword-spacing": "error",
      "stylistic/max-len": ["error", { code: 240 }],
      "stylistic/no-multiple-empty-lines": ["error", { max: 1, maxBOF: 0, maxEOF: 0 }],
      "stylistic/no-trailing-spaces": "error",
      "stylistic/object-curly-spacing": ["error", "always"],
      "stylistic/quotes": ["error", "double", { avoidEscape: true, allowTemplateLiterals: "avoidEscape" }],
      "stylistic/semi": "error",
      "stylistic/space-before-blocks": "error",
      "stylistic/space-infix-ops": "error",
      "stylistic/spaced-comment": ["error", "always"],
      "stylistic/template-curly-spacing": "error",
    },
  },
  { files: ["assets/**/*.mjs", "assets/**/*.js"], ignores: [`${modules}/document/**`], languageOptions: { globals: globals.browser } },
  { files: ["assets/**/*.js"], languageOptions: { sourceType: "script" } },
  { files: ["tests/assets/**/*.mjs"], languageOptions: { globals: globals.node } },
];
