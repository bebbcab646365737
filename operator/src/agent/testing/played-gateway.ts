import type { Condition } from '@sluice/kube';
import { httpRoutes, type HTTPRoute } from '../../traffic/http-routes.ts';
import type { MemoryCluster } from './memory-cluster.ts';

export type GatewayMood = 'accepts' | 'refuses' | 'refuses copies' | 'sleeps';

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
    this.inForce = route !== undefined && this.#verdict(route) === 'True' ? route : undefined;
    if (route !== undefined && !this.#hasAnswered(route)) this.#cluster.put(httpRoutes, { ...route, status: this.#statusOf(route) });
  }

  #hasAnswered(route: HTTPRoute): boolean {
    const { status, metadata } = route;
    const accepted = status?.parents?.[0]?.conditions?.find(({ type }) => type === 'Accepted');
    return accepted?.observedGeneration === metadata.generation && accepted?.status === this.#verdict(route);
  }

  #verdict({ spec }: HTTPRoute): 'True' | 'False' {
    const copies = spec.rules?.some(({ filters }) => filters?.some(({ type }) => type === 'RequestMirror')) ?? false;
    return this.mood === 'refuses' || (copies && this.mood === 'refuses copies') ? 'False' : 'True';
  }

  #statusOf(route: HTTPRoute): NonNullable<HTTPRoute['status']> {
    const { spec, metadata: { generation = 0 } } = route;
    const condition = (type: string, status: 'True' | 'False'): Condition => ({ type, status, reason: status === 'True' ? type : 'UnsupportedValue', message: status === 'True' ? '' : 'as the test wants it.', observedGeneration: generation });
    const conditions = [condition('Accepted', this.#verdict(route)), condition('ResolvedRefs', 'True')];
    return { parents: (spec.parentRefs ?? []).map((parentRef) => ({ parentRef, controllerName: 'example.com/played', conditions })) };
  }
}
