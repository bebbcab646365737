import type { LiveRoute } from '../../../traffic/live-route.ts';
import { encodePlan, named, type RoutePlan } from '../../../traffic/route-plan.ts';
import type { GatewayMood } from '../played-gateway.ts';

/** A Gateway that takes a route over some time after it was written, or refuses it. */
export class AbstractGateway {
  mood: GatewayMood = 'accepts';
  /** The route as it is written. */
  asked: RoutePlan | undefined;
  /** By what the requests are divided. */
  inForce: RoutePlan | undefined;
  #answer: 'Pending' | 'Verified' | 'Refused' = 'Pending';

  differs(plan: RoutePlan): boolean {
    return this.asked === undefined || encodePlan(this.asked) !== encodePlan(plan);
  }

  write(plan: RoutePlan): void {
    this.asked = plan;
    this.#answer = 'Pending';
  }

  remove(): void {
    this.asked = undefined;
    this.inForce = undefined;
  }

  look(): void {
    if (this.mood === 'sleeps' || this.asked === undefined) return;
    this.#answer = this.mood === 'accepts' ? 'Verified' : 'Refused';
    this.inForce = this.mood === 'accepts' ? this.asked : undefined;
  }

  get live(): LiveRoute | undefined {
    if (this.asked === undefined) return undefined;
    return {
      asked: this.asked,
      acceptance: {
        state: this.#answer,
        answers: this.#answer === 'Pending' ? 'NotAll' : 'All',
        backends: 'Available',
        ...(this.#answer === 'Verified' ? {} : { message: 'as the model wants it' }),
      },
      askedSince: new Map(),
      names: new Set(named(this.asked)),
      force: this.#answer === 'Pending' ? 'Unknown' : 'Known',
    };
  }
}
