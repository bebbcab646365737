import type { Condition } from '@sluice/kube';
import { httpRoutes, type HTTPRoute } from '../../traffic/http-routes.ts';
import type { MemoryCluster } from './memory-cluster.ts';

export type GatewayMood = 'accepts' | 'refuses' | 'sleeps';

/** The Gateway of a cluster of the mind: takes a route over as it is then, and says so in its status. */
export class PlayedGateway {
  readonly #cluster: MemoryCluster;
  mood: GatewayMood = 'accepts';
  /** What it divides the requests by; a route that was deleted divides nothing. */
  inForce: HTTPRoute | undefined;

  constructor(cluster: MemoryCluster) {
    this.#cluster = cluster;
  }

  /** Looks at the routes there are. */
  look(): void {
    if (this.mood === 'sleeps') return;
    const [route] = this.#cluster.list('HTTPRoute') as HTTPRoute[];
    this.inForce = this.mood === 'accepts' ? route : undefined;
    if (route !== undefined && !this.#hasAnswered(route)) this.#cluster.put(httpRoutes, { ...route, status: this.#statusOf(route) });
  }

  #hasAnswered({ status, metadata }: HTTPRoute): boolean {
    const accepted = status?.parents?.[0]?.conditions?.find(({ type }) => type === 'Accepted');
    return accepted?.observedGeneration === metadata.generation && accepted?.status === this.#verdict();
  }

  #verdict(): 'True' | 'False' {
    return this.mood === 'accepts' ? 'True' : 'False';
  }

  #statusOf({ spec, metadata }: HTTPRoute): NonNullable<HTTPRoute['status']> {
    const { generation = 0 } = metadata;
    const condition = (type: string, status: 'True' | 'False'): Condition => ({ type, status, reason: status === 'True' ? type : 'UnsupportedValue', message: status === 'True' ? '' : 'as the test wants it.', observedGeneration: generation });
    const conditions = [condition('Accepted', this.#verdict()), condition('ResolvedRefs', 'True')];
    return { parents: (spec.parentRefs ?? []).map((parentRef) => ({ parentRef, controllerName: 'example.com/played', conditions })) };
  }
}
