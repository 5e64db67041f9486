import js from "@eslint/js";
import globals from "globals";
import tseslint from "typescript-eslint";

// From the bottom up: a layer may import from itself and from those before it.
const LAYERS = ["core", "transport", "hub", "host", "tab", "odoo", "ui"];
const STOCK = ["@web/*", "@bus/*", "@odoo/*"];

const layerRules = LAYERS.map((layer, index) => ({
    files: [`static/src/${layer}/**/*.ts`],
    rules: {
        "no-restricted-imports": [
            "error",
            {
                patterns: [
                    {
                        group: LAYERS.slice(index + 1).flatMap((above) => [`**/${above}/*`]),
                        message: `${layer}/ may not import from the layers above it (docs/architecture.md).`,
                    },
                    { group: STOCK, message: "Only odoo/stock.ts names modules of Odoo." },
                ],
            },
        ],
    },
}));

export default tseslint.config(
    { ignores: ["static/lib/**", "node_modules/**", "artifacts/**", ".cache/**"] },
    js.configs.recommended,
    {
        files: ["**/*.ts"],
        extends: [tseslint.configs.strict, tseslint.configs.stylistic],
        rules: {
            "@typescript-eslint/no-non-null-assertion": "off",
            "@typescript-eslint/no-empty-function": "off",
            "@typescript-eslint/consistent-type-definitions": "off",
            "@typescript-eslint/no-invalid-void-type": "off",
        },
    },
    { files: ["**/*.mjs"], languageOptions: { globals: globals.node } },
    ...layerRules,
    { files: ["static/src/odoo/stock.ts"], rules: { "no-restricted-imports": "off" } },
    // Its API is stock's, which has no types.
    {
        files: ["static/src/odoo/*.ts", "tests/**/*.ts"],
        rules: { "@typescript-eslint/no-explicit-any": "off" },
    }
);
