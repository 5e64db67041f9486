/** A map that forgets what was put first when there is too much. */
export class RecentMap<Value> extends Map<string, Value> {
    readonly #most: number;

    constructor(most: number) {
        super();
        this.#most = most;
    }

    override set(key: string, value: Value): this {
        super.set(key, value);
        if (this.size > this.#most) {
            this.delete(this.keys().next().value!);
        }
        return this;
    }
}
