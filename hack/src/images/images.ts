import type { Cluster } from '../cluster/cluster.ts';
import { withSlowStep } from '../progress/progress.ts';
import { readBuildContext } from './build-context.ts';
import type { ImageRules } from './image-config.ts';
import { ensureImage, type ImagesOptions, openWorkshop } from './workshop.ts';

export { ImageError } from './image-error.ts';
export type { ImagesOptions } from './workshop.ts';

export type ImageName = 'sluice-operator' | 'sluice-runtime' | 'sluice-test-tools';

/** Image names with tag, as containerd and the manifests know them. */
export type ImageRefs = Readonly<Record<ImageName, string>>;

interface ImageRecipe {
  readonly dockerfile: string;
  readonly rules: ImageRules;
}

const RECIPES: Readonly<Record<ImageName, ImageRecipe>> = {
  'sluice-operator': { dockerfile: 'Dockerfile.operator', rules: { healthcheck: 'required', program: 'node' } },
  'sluice-runtime': { dockerfile: 'Dockerfile.runtime', rules: { healthcheck: 'required', program: 'node' } },
  'sluice-test-tools': { dockerfile: 'test/Dockerfile', rules: { healthcheck: 'by the kubelet', program: 'node' } },
};

/** Builds the images whose inputs changed and loads those that the cluster lacks. Throws ImageError. */
export async function ensureImages(cluster: Cluster, options: ImagesOptions): Promise<ImageRefs> {
  const { progress, repository } = options;
  const workshop = await withSlowStep(progress, 'see what builds images here', async () => openWorkshop(options));
  const refs: Partial<Record<ImageName, string>> = {};
  for (const name of Object.keys(RECIPES) as ImageName[]) {
    const context = await withSlowStep(progress, `read what ${name} is made of`, async () => readBuildContext(repository, RECIPES[name].dockerfile));
    refs[name] = await ensureImage(cluster, { name, ...RECIPES[name], context }, workshop);
  }
  return refs as ImageRefs;
}
