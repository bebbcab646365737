import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { luaLiteral } from './lua-literal.ts';

const sandbox = fileURLToPath(new URL('sandbox.lua', import.meta.url));
const scripts = fileURLToPath(new URL('../../argocd/sluice.dev/', import.meta.url));
/** For the whole list; Argo CD gives one script a second. */
const timeoutMs = 30_000;

/** A script of `argocd/sluice.dev/` under the real Lua 5.1 of the path `interpreter`, with no more than what Argo CD opens. */
export class LuaScript {
  readonly #interpreter: string;
  readonly #path: string;

  /** `path` such as `Release/health.lua`; an absolute one is taken as it is. */
  constructor(interpreter: string, path: string) {
    this.#interpreter = interpreter;
    this.#path = path.startsWith('/') ? path : `${scripts}${path}`;
  }

  /** What the script returns for each of the objects, read as JSON. Throws with Lua's own message when it fails for one. */
  async run<T>(objects: readonly object[]): Promise<T[]> {
    const lua = spawn(this.#interpreter, [sandbox, this.#path], { stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs });
    const outputs = Promise.all([text(lua.stdout), text(lua.stderr), once(lua, 'close')]);
    lua.stdin.end(`return ${luaLiteral(objects)}`);
    const [stdout, stderr, [code]] = await outputs;
    if (code !== 0) throw new Error(`${this.#path} failed: ${stderr.trim()}`);
    return JSON.parse(stdout) as T[];
  }
}
