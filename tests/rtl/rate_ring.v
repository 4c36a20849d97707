// The delay ring of one rate axon: a value that leaves with delay d is in the register d steps later.
//
// One clock edge is one step. During a step the register `held` has what the far end holds in it; what is
// emitted in the step, after its arrivals, goes to slot number `delay`, the one that is moved to the register
// at the delay-th edge from here. Every value carries the number of the step that emitted it: of two that
// arrive together the later stays, and one that is older than what is held changes nothing.
module rate_ring #(
    parameter SLOTS = 8,
    parameter WIDTH = 16,
    parameter STEP_BITS = 16,
    parameter COUNT_BITS = 4
) (
    input wire clock,
    input wire reset,
    // One step passes at the next edge, with an emission or without.
    input wire step,
    input wire emit,
    input wire [WIDTH-1:0] value,
    // 1 to SLOTS.
    input wire [COUNT_BITS-1:0] delay,
    // A start: the activity was `value` forever.
    input wire start,
    // What is held and in flight goes to the shadow registers, or comes back.
    input wire save,
    input wire restore,
    output reg [WIDTH-1:0] held,
    // Values in the ring that will be held in some step, if nothing more is emitted.
    output reg [COUNT_BITS-1:0] in_flight,
    // Values that were emitted since the start and were, or will be, overtaken.
    output wire [STEP_BITS-1:0] superseded
);
    // Slot 0 arrives at the next edge.
    reg [SLOTS-1:0] valid, shadow_valid, filled_valid;
    reg [SLOTS*WIDTH-1:0] values, shadow_values, filled_values;
    reg [SLOTS*STEP_BITS-1:0] stamps, shadow_stamps, filled_stamps;
    reg [STEP_BITS-1:0] held_stamp, shadow_held_stamp;
    reg [WIDTH-1:0] shadow_held;
    // Steps since reset; never set back, so a stamp after a restore is later than all that were saved.
    reg [STEP_BITS-1:0] now;
    reg [STEP_BITS-1:0] emitted, shadow_emitted, arrived, shadow_arrived;

    wire [COUNT_BITS-1:0] last = delay - 1'b1;

    // The ring with this step's emission in it.
    always @* begin
        filled_valid = valid;
        filled_values = values;
        filled_stamps = stamps;
        if (emit) begin
            filled_valid[last] = 1;
            filled_values[last*WIDTH +: WIDTH] = value;
            filled_stamps[last*STEP_BITS +: STEP_BITS] = now;
        end
    end

`ifdef MUTANT_OLD_OVERWRITES
    // A defect on purpose, by which the comparison with the simulator is tested.
    wire arrives = filled_valid[0];
`else
    wire arrives = filled_valid[0] && filled_stamps[STEP_BITS-1:0] > held_stamp;
`endif

    always @(posedge clock)
        if (reset) begin
            valid <= 0;
            values <= 0;
            stamps <= 0;
            held <= 0;
            held_stamp <= 0;
            now <= 1;
            emitted <= 0;
            arrived <= 0;
            shadow_valid <= 0;
            shadow_values <= 0;
            shadow_stamps <= 0;
            shadow_held <= 0;
            shadow_held_stamp <= 0;
            shadow_emitted <= 0;
            shadow_arrived <= 0;
        end else if (start) begin
            valid <= 0;
            held <= value;
            held_stamp <= now;
            now <= now + 1'b1;
            emitted <= 0;
            arrived <= 0;
        end else if (save) begin
            shadow_valid <= valid;
            shadow_values <= values;
            shadow_stamps <= stamps;
            shadow_held <= held;
            shadow_held_stamp <= held_stamp;
            shadow_emitted <= emitted;
            shadow_arrived <= arrived;
        end else if (restore) begin
            valid <= shadow_valid;
            values <= shadow_values;
            stamps <= shadow_stamps;
            held <= shadow_held;
            held_stamp <= shadow_held_stamp;
            emitted <= shadow_emitted;
            arrived <= shadow_arrived;
        end else if (step) begin
            valid <= filled_valid >> 1;
            values <= filled_values >> WIDTH;
            stamps <= filled_stamps >> STEP_BITS;
            now <= now + 1'b1;
            emitted <= emitted + {{(STEP_BITS - 1) {1'b0}}, emit};
            if (arrives) begin
                held <= filled_values[WIDTH-1:0];
                held_stamp <= filled_stamps[STEP_BITS-1:0];
                arrived <= arrived + 1'b1;
            end
        end

    // A value will be held if it is later than what is held and than all that arrive before it.
    reg [STEP_BITS-1:0] latest;
    integer slot;
    always @* begin
        in_flight = 0;
        latest = held_stamp;
        for (slot = 0; slot < SLOTS; slot = slot + 1)
            if (valid[slot] && stamps[slot*STEP_BITS +: STEP_BITS] > latest) begin
                in_flight = in_flight + 1'b1;
                latest = stamps[slot*STEP_BITS +: STEP_BITS];
            end
    end
    assign superseded = emitted - arrived - {{(STEP_BITS - COUNT_BITS) {1'b0}}, in_flight};
endmodule
