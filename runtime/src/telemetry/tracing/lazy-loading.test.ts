import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../..', import.meta.url));

/** What a file imports when it is loaded: `import type` and `import()` are not. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm), ...text.matchAll(/^import '([^']+)';/gm)].map((match) => match[1] ?? '');
}

/** Every package that is loaded with a file of this workspace. */
function loadedWith(entry: string): ReadonlySet<string> {
  const [packages, seen, waiting] = [new Set<string>(), new Set<string>(), [join(source, entry)]];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const name of importsOf(file)) {
      if (name.startsWith('.')) waiting.push(join(dirname(file), name));
      else packages.add(name);
    }
  }
  expect([...seen].filter((file) => !existsSync(file))).toEqual([]);
  return packages;
}

describe('a server without a collector', () => {
  it('loads nothing of OpenTelemetry', () => {
    const packages = [...loadedWith('commands/serve.ts')];
    expect(packages).toContain('fastify');
    expect(packages.filter((name) => name.startsWith('@opentelemetry/'))).toEqual([]);
  });

  it('would load it with the part that sends', () => {
    expect([...loadedWith('telemetry/tracing/open-otlp.ts')]).toContain('@opentelemetry/sdk-trace');
  });
});
