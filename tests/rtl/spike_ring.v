// The delay ring of one spiking axon: a spike that leaves with delay d is at the far end in the d-th step from
// then, and only in it; spikes that arrive together add. One clock edge is one step.
module spike_ring #(
    parameter SLOTS = 8,
    parameter STEP_BITS = 16,
    parameter COUNT_BITS = 4
) (
    input wire clock,
    input wire reset,
    input wire step,
    input wire emit,
    // 1 to SLOTS.
    input wire [COUNT_BITS-1:0] delay,
    // A start: the ring is empty.
    input wire start,
    // What arrived and what is in flight goes to the shadow registers, or comes back.
    input wire save,
    input wire restore,
    // Spikes at the far end in this step.
    output reg [COUNT_BITS-1:0] arrived,
    // Spikes in the ring.
    output reg [COUNT_BITS-1:0] in_flight,
    // Spikes since the start that arrived together with another one.
    output reg [STEP_BITS-1:0] collisions
);
    // Spikes by slot; slot 0 arrives at the next edge.
    reg [SLOTS*COUNT_BITS-1:0] counts, shadow_counts, filled;
    reg [COUNT_BITS-1:0] shadow_arrived;
    reg [STEP_BITS-1:0] shadow_collisions;
    wire [COUNT_BITS-1:0] arriving = filled[COUNT_BITS-1:0];

    wire [COUNT_BITS-1:0] last = delay - 1'b1;

    always @* begin
        filled = counts;
`ifdef MUTANT_SPIKES_MERGE
        // A defect on purpose, by which the comparison with the simulator is tested.
        if (emit) filled[last*COUNT_BITS +: COUNT_BITS] = 1;
`else
        if (emit) filled[last*COUNT_BITS +: COUNT_BITS] = counts[last*COUNT_BITS +: COUNT_BITS] + 1'b1;
`endif
    end

    always @(posedge clock)
        if (reset) begin
            counts <= 0;
            arrived <= 0;
            collisions <= 0;
            shadow_collisions <= 0;
            shadow_counts <= 0;
            shadow_arrived <= 0;
        end else if (start) begin
            counts <= 0;
            arrived <= 0;
            collisions <= 0;
        end else if (save) begin
            shadow_counts <= counts;
            shadow_arrived <= arrived;
            shadow_collisions <= collisions;
        end else if (restore) begin
            counts <= shadow_counts;
            arrived <= shadow_arrived;
            collisions <= shadow_collisions;
        end else if (step) begin
            counts <= filled >> COUNT_BITS;
            arrived <= arriving;
            if (arriving > 1) collisions <= collisions + arriving - 1'b1;
        end

    integer slot;
    always @* begin
        in_flight = 0;
        for (slot = 0; slot < SLOTS; slot = slot + 1)
            in_flight = in_flight + counts[slot*COUNT_BITS +: COUNT_BITS];
    end
endmodule
