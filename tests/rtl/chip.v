// The chip, as far as cycles go: a controller, a core on every node, and a mesh or wires of zero cycles
// between them. Layer l of a network is on node l, and sends to the layers beside it.
`include "packet.vh"

module chip #(
    parameter WIDTH = 3,
    parameter HEIGHT = 1,
    parameter DEPTH = 4,
    parameter T_R = 1,
    parameter T_L = 1,
    // 1: wires of zero cycles in the mesh's place.
    parameter IDEAL = 0,
    parameter COUNT_BITS = 3,
    parameter BITS = 12
) (
    input wire clock,
    input wire reset,
    // The controller's inputs.
    input wire go,
    input wire train,
    input wire centered,
    input wire [BITS-1:0] free_steps,
    input wire [BITS-1:0] nudged_steps,
    input wire [BITS-1:0] words_in,
    input wire [BITS-1:0] words_out,
    input wire [BITS-1:0] words_per_cycle,
    input wire [BITS-1:0] latch_cycles,
    input wire [BITS-1:0] restore_cycles,
    input wire [BITS-1:0] rows,
    input wire [BITS-1:0] pulses,
    input wire [BITS-1:0] pulse_cycles,
    input wire [BITS-1:0] accumulator_cycles,
    input wire outer_product,
    // 1: clamped inputs send, and are read, in the first step after LOAD only.
    input wire hold_clamped,
    // Cycles between a step's end and the next one's beginning.
    input wire [BITS-1:0] barrier_cycles,
    // The cores' inputs; those that differ by node, 0 where nothing is.
    input wire [BITS-1:0] sample_cycles,
    input wire [BITS-1:0] convert_cycles,
    input wire [BITS-1:0] converters,
    input wire [BITS-1:0] lanes,
    input wire [BITS-1:0] update_cycles,
    input wire [WIDTH*HEIGHT*BITS-1:0] forward_lines,
    input wire [WIDTH*HEIGHT*BITS-1:0] return_lines,
    input wire [WIDTH*HEIGHT*BITS-1:0] neurons,
    input wire [WIDTH*HEIGHT*BITS-1:0] drives_out,
    input wire [WIDTH*HEIGHT*BITS-1:0] activities_out,
    // What is to be seen.
    output wire [2:0] state,
    output wire reading_out,
    output reg [31:0] cycle,
    // Steps that have ended.
    output reg [31:0] steps
);
    localparam NODES = WIDTH * HEIGHT;
    localparam LOAD = 1;

    wire [NODES-1:0] finished;
    wire [NODES*COUNT_BITS-1:0] inject_count, inject_room;
    wire [NODES*DEPTH*`PACKET_BITS-1:0] inject;
    wire [NODES-1:0] eject_valid;
    wire [NODES*`PACKET_BITS-1:0] eject;
    // By node, with nothing before the first and after the last.
    wire [(NODES+2)*BITS-1:0] drives_now, activities_now, activities_early;
    wire [(NODES+2)*BITS-1:0] all_drives_out = {{BITS{1'b0}}, drives_out, {BITS{1'b0}}};
    wire [(NODES+2)*BITS-1:0] all_activities_out = {{BITS{1'b0}}, activities_out, {BITS{1'b0}}};
    wire step_starts;
    wire [`CREATED_BITS-1:0] next_cycle = cycle + 1'b1;

    // By node plus one: a core of clamped inputs. They are silent in a step that does not follow LOAD.
    wire [NODES:0] clamped_at;
    wire held = hold_clamped && state != LOAD;

    assign clamped_at[0] = 1'b0;
    assign drives_now[0 +: BITS] = 0;
    assign drives_now[(NODES+1)*BITS +: BITS] = 0;
    assign activities_now[0 +: BITS] = 0;
    assign activities_early[0 +: BITS] = 0;
    assign activities_now[(NODES+1)*BITS +: BITS] = 0;
    assign activities_early[(NODES+1)*BITS +: BITS] = 0;

    // The barrier: work, then the cycles of the barrier itself.
    reg working;
    reg [BITS-1:0] barrier_left;
    wire work_ends = working && (&finished);
    wire step_ends = barrier_cycles == 0 ? work_ends : barrier_left == 1;

    always @(posedge clock)
        if (reset) begin
            working <= 0;
            barrier_left <= 0;
            cycle <= ~0;
            steps <= 0;
        end else begin
            cycle <= next_cycle;
            working <= step_starts || (working && !work_ends);
            if (work_ends) barrier_left <= barrier_cycles;
            else if (barrier_left != 0) barrier_left <= barrier_left - 1'b1;
            if (step_ends) steps <= steps + 1'b1;
        end

    controller #(
        .BITS(BITS)
    ) learning (
        .clock(clock),
        .reset(reset),
        .go(go),
        .train(train),
        .centered(centered),
        .free_steps(free_steps),
        .nudged_steps(nudged_steps),
        .words_in(words_in),
        .words_out(words_out),
        .words_per_cycle(words_per_cycle),
        .latch_cycles(latch_cycles),
        .restore_cycles(restore_cycles),
        .rows(rows),
        .pulses(pulses),
        .pulse_cycles(pulse_cycles),
        .accumulator_cycles(accumulator_cycles),
        .outer_product(outer_product),
        .step_ends(step_ends),
        .step_starts(step_starts),
        .state(state),
        .reading_out(reading_out)
    );

    genvar n;
    generate
        for (n = 0; n < NODES; n = n + 1) begin : node
            wire [BITS-1:0] drives_arrive, activities_arrive;
            // In the step that is about to start.
            wire sends_nothing = held && clamped_at[n+1];
            wire hears_nothing = held && clamped_at[n];
            assign clamped_at[n+1] = neurons[n*BITS +: BITS] == 0;
            assign activities_early[(n+1)*BITS +: BITS] =
                IDEAL && clamped_at[n+1] && !sends_nothing ? activities_out[n*BITS +: BITS] : {BITS{1'b0}};
            if (IDEAL) begin : wires
                assign drives_arrive = drives_now[(n+2)*BITS +: BITS];
                assign activities_arrive = activities_now[n*BITS +: BITS];
            end else begin : packets
                wire kind = eject[n*`PACKET_BITS + `KIND];
                assign drives_arrive = {{(BITS - 1) {1'b0}}, eject_valid[n] && kind};
                assign activities_arrive = {{(BITS - 1) {1'b0}}, eject_valid[n] && !kind};
            end

            core #(
                .NODE(n),
                .WIDTH(WIDTH),
                .DEPTH(DEPTH),
                .COUNT_BITS(COUNT_BITS),
                .BITS(BITS)
            ) core (
                .clock(clock),
                .reset(reset),
                .next_cycle(next_cycle),
                .start(step_starts),
                .sample_cycles(sample_cycles),
                .convert_cycles(convert_cycles),
                .converters(converters),
                .lanes(lanes),
                .update_cycles(update_cycles),
                .forward_lines(hears_nothing ? {BITS{1'b0}} : forward_lines[n*BITS +: BITS]),
                .return_lines(return_lines[n*BITS +: BITS]),
                .neurons(neurons[n*BITS +: BITS]),
                .drives_out(drives_out[n*BITS +: BITS]),
                .activities_out(sends_nothing ? {BITS{1'b0}} : activities_out[n*BITS +: BITS]),
                .drives_in(all_drives_out[(n+2)*BITS +: BITS]),
                .activities_in(hears_nothing ? {BITS{1'b0}} : all_activities_out[n*BITS +: BITS]),
                .drives_arrive(drives_arrive),
                .activities_arrive(activities_arrive),
                .activities_early(activities_early[n*BITS +: BITS]),
                .drives_now(drives_now[(n+1)*BITS +: BITS]),
                .activities_now(activities_now[(n+1)*BITS +: BITS]),
                .inject_room(inject_room[n*COUNT_BITS +: COUNT_BITS]),
                .inject_count(inject_count[n*COUNT_BITS +: COUNT_BITS]),
                .inject(inject[n*DEPTH*`PACKET_BITS +: DEPTH*`PACKET_BITS]),
                .finished(finished[n])
            );
        end

        if (IDEAL) begin : no_mesh
            // What is offered is taken, and has arrived on the wires already.
            assign inject_room = {(NODES) {DEPTH[COUNT_BITS-1:0]}};
            assign eject_valid = 0;
            assign eject = 0;
        end else begin : on_mesh
            mesh #(
                .WIDTH(WIDTH),
                .HEIGHT(HEIGHT),
                .DEPTH(DEPTH),
                .T_R(T_R),
                .T_L(T_L),
                .COUNT_BITS(COUNT_BITS)
            ) mesh (
                .clock(clock),
                .reset(reset),
                .inject_count(inject_count),
                .inject(inject),
                .inject_room(inject_room),
                .eject_valid(eject_valid),
                .eject(eject)
            );
        end
    endgenerate
endmodule
