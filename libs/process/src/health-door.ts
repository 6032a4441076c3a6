import { Inject, Injectable, NotFoundException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';

/** Where health and metrics are served: everywhere, until the process opens an address of their own. */
@Injectable()
export class HealthDoor {
  private readonly entered = new WeakSet<object>();
  private server?: Server;

  /** Creates the server of that address. It hands its requests to `listener`. */
  open(listener: RequestListener): Server {
    this.server = createServer((request, response) => {
      this.entered.add(request);
      listener(request, response);
    });
    return this.server;
  }

  admits(request: IncomingMessage): boolean {
    return this.server === undefined || this.entered.has(request);
  }
}

/** Hides health and metrics from the other address, as if they were nowhere. */
@Injectable()
export class HealthGuard implements CanActivate {
  constructor(@Inject(HealthDoor) private readonly door: HealthDoor) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.door.admits(context.switchToHttp().getRequest<IncomingMessage>())) return true;
    throw new NotFoundException();
  }
}
