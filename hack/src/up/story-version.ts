import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentTag } from '../images/content-digest.ts';

/** Folders of the repository that the story is told from, beside the images. */
const SOURCES = ['charts/sluice', 'examples', 'test/story', 'test/tools-in-cluster'];

/** Changes whenever telling the story again could go another way: with the images, the chart, the examples or the story itself. */
export async function storyVersion(repository: string, images: readonly string[]): Promise<string> {
  const inputs = images.map((ref) => ({ name: `image ${ref}`, content: '' }));
  for (const source of SOURCES) {
    const entries = await readdir(join(repository, source), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile())) {
      const path = join(entry.parentPath, entry.name);
      inputs.push({ name: path.slice(repository.length + 1), content: await readFile(path, 'utf8') });
    }
  }
  return contentTag(inputs);
}
