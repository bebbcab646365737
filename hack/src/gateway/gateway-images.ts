import type { Cluster } from '../cluster/cluster.ts';
import { readProgramContext } from '../images/build-context.ts';
import { ensureImage, type ImagesOptions, openWorkshop } from '../images/workshop.ts';
import { ensureTools } from '../tools/tools.ts';

/** Image names with tag. */
export interface GatewayImages {
  /** The controller, and the shutdown manager beside each Envoy. */
  readonly controller: string;
  readonly envoy: string;
}

/** Builds both images from the programs of the tool cache and loads what the cluster lacks. Throws ImageError or ToolError. */
export async function ensureGatewayImages(cluster: Cluster, options: ImagesOptions): Promise<GatewayImages> {
  const programs = await ensureTools(['envoy-gateway', 'envoy'], options);
  const workshop = await openWorkshop(options);
  const ensure = async (program: keyof typeof programs): Promise<string> => {
    const dockerfile = `hack/images/Dockerfile.${program}`;
    const context = await readProgramContext(options.repository, dockerfile, programs[program]);
    return ensureImage(cluster, { name: `sluice-${program}`, dockerfile, rules: { healthcheck: 'by the kubelet', program }, context }, workshop);
  };
  return { controller: await ensure('envoy-gateway'), envoy: await ensure('envoy') };
}
