import { matchesGlob } from 'node:path';

/** Says whether .dockerignore keeps a path (relative, with slashes) out of the build context. */
export type IgnoreRule = (path: string) => boolean;

/** Patterns as docker and buildah read them; the last that matches decides, `!` brings a path back. A folder's pattern covers its content. */
export function parseDockerIgnore(text: string): IgnoreRule {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return (path) => {
    let ignored = false;
    for (const pattern of patterns) {
      const glob = pattern.replace(/^!/, '').replace(/^\//, '').replace(/\/$/, '');
      if (matchesGlob(path, glob) || matchesGlob(path, `${glob}/**`)) ignored = !pattern.startsWith('!');
    }
    return ignored;
  };
}
