import { isBuiltin } from 'node:module';
import type { Plugin } from 'rolldown';

const PREFIX = '\0builtin:';
/** What the bundler's own part of each program asks for. */
const KEPT = /^(node:)?module$/;

/** Modules of Node as this plugin gives them. */
export const BUILTINS = /^\0builtin:/;

/**
 * An import statement of a module of Node reads all that it exports, and some of it is made only then: node:http brings the whole of Node's own
 * fetch, node:process every flag that Node knows. So programs ask for the module itself, whose properties are read where they are used.
 */
export const builtinParts: Plugin = {
  name: 'builtin-parts',
  resolveId: (source, _importer, { kind }) => (kind === 'import-statement' && isBuiltin(source) && !KEPT.test(source) ? `${PREFIX}${source}` : null),
  load: (id) => (id.startsWith(PREFIX) ? { code: `module.exports = process.getBuiltinModule('${id.slice(PREFIX.length)}');`, moduleType: 'js' } : null),
};
