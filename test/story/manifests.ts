import { readFile } from 'node:fs/promises';

const root = new URL('../../', import.meta.url);

/** Chapters of the story and the example that each applies; a reader can apply the same files by hand. */
export const exampleFiles = {
  provider: 'examples/support-agent/1-provider.yaml',
  suite: 'examples/support-agent/2-golden-cases.yaml',
  v1: 'examples/support-agent/3-agent.yaml',
  v2: 'examples/support-agent/4-better-prompt.yaml',
  v3: 'examples/support-agent/5-bad-prompt.yaml',
  v4: 'examples/support-agent/6-bad-tool.yaml',
} as const;

export interface ManifestValues {
  readonly testToolsImage: string;
  readonly loadUrl: string;
  /** Requests a second. */
  readonly loadRate: number;
}

/** A file of the repository with the image and settings of this run filled in. */
export async function manifest(path: string, values: ManifestValues): Promise<string> {
  const text = await readFile(new URL(path, root), 'utf8');
  return text
    .replaceAll('${TEST_TOOLS_IMAGE}', values.testToolsImage)
    .replaceAll('${LOAD_URL}', values.loadUrl)
    .replaceAll('${LOAD_RATE}', String(values.loadRate));
}
