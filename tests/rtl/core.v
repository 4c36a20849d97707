// What one core does in a step, as far as cycles go: it reads forward, then transposed; injects the returned
// drives together when the last conversion ends; updates its neurons when its own reads are done and all its
// drives are in; injects the new activities. Clamped inputs inject at cycle 0 of the step.
//
// The registers of a cycle say how things stand at its beginning: what arrives at t, or is created at t, is
// settled at the edge that begins t. So `start`, arrivals and `inject` belong to the edge that ends this cycle.
`include "packet.vh"

module core #(
    parameter NODE = 0,
    parameter WIDTH = 2,
    parameter DEPTH = 4,
    parameter COUNT_BITS = 3,
    parameter BITS = 12
) (
    input wire clock,
    input wire reset,
    // The number of the cycle that the next edge begins.
    input wire [`CREATED_BITS-1:0] next_cycle,
    // A step begins with the next cycle.
    input wire start,
    // Times and circuits, the same for all cores.
    input wire [BITS-1:0] sample_cycles,
    input wire [BITS-1:0] convert_cycles,
    input wire [BITS-1:0] converters,
    input wire [BITS-1:0] lanes,
    input wire [BITS-1:0] update_cycles,
    // Lines of a forward and of a transposed read; 0 where there is none in this step.
    input wire [BITS-1:0] forward_lines,
    input wire [BITS-1:0] return_lines,
    // Neurons that are updated, 0 on a core of clamped inputs.
    input wire [BITS-1:0] neurons,
    // Packets to the core before (drives) and after this one (activities), and those from there.
    input wire [BITS-1:0] drives_out,
    input wire [BITS-1:0] activities_out,
    input wire [BITS-1:0] drives_in,
    input wire [BITS-1:0] activities_in,
    // Packets that arrive at the next edge.
    input wire [BITS-1:0] drives_arrive,
    input wire [BITS-1:0] activities_arrive,
    // Activities that arrive at cycle 0 of a step: on wires of zero cycles, those of clamped inputs.
    input wire [BITS-1:0] activities_early,
    // Packets that are created at the next edge by a read or an update.
    output wire [BITS-1:0] drives_now,
    output wire [BITS-1:0] activities_now,
    // To the local FIFO.
    input wire [COUNT_BITS-1:0] inject_room,
    output reg [COUNT_BITS-1:0] inject_count,
    output reg [DEPTH*`PACKET_BITS-1:0] inject,
    // At the next edge all of the core's work in this step is done and all its packets have arrived.
    output wire finished
);
    localparam BEFORE = NODE == 0 ? 0 : NODE - 1;
    localparam AFTER = NODE + 1;
    localparam BEFORE_X = BEFORE % WIDTH;
    localparam BEFORE_Y = BEFORE / WIDTH;
    localparam AFTER_X = AFTER % WIDTH;
    localparam AFTER_Y = AFTER / WIDTH;
    // Where drives and activities go: kind, y, x.
    localparam [`KIND_BITS+`TARGET_BITS-1:0] DRIVE =
        {1'b1, BEFORE_Y[`PLACE_BITS-1:0], BEFORE_X[`PLACE_BITS-1:0]};
    localparam [`KIND_BITS+`TARGET_BITS-1:0] ACTIVITY =
        {1'b0, AFTER_Y[`PLACE_BITS-1:0], AFTER_X[`PLACE_BITS-1:0]};

    // The reads.
    wire forward_last, return_last;
    wire reads_end = (forward_last && return_lines == 0) || return_last;
    reg reading;

    array_read #(
        .BITS(BITS)
    ) forward_read (
        .clock(clock),
        .reset(reset),
        .start(start && forward_lines != 0),
        .sample_cycles(sample_cycles),
        .convert_cycles(convert_cycles),
        .lines(forward_lines),
        .converters(converters),
        .last(forward_last)
    );
    array_read #(
        .BITS(BITS)
    ) transposed_read (
        .clock(clock),
        .reset(reset),
        .start(forward_last && return_lines != 0),
        .sample_cycles(sample_cycles),
        .convert_cycles(convert_cycles),
        .lines(return_lines),
        .converters(converters),
        .last(return_last)
    );

    // The neurons: they wait for reads and drives, then update, a few at a time.
    reg waiting, updating;
    reg [BITS-1:0] left, neurons_left, drives_left, activities_left;
    wire [BITS-1:0] drives_left_next = drives_left - drives_arrive;
    wire [BITS-1:0] activities_left_next = activities_left - activities_arrive;
    wire ready = waiting && (!reading || reads_end) && drives_left_next == 0;
    wire idle_inputs = forward_lines == 0 && drives_in == 0;
    wire update_ends = updating && left == 1 && neurons_left <= lanes;

    assign finished = !waiting && (!updating || update_ends) && activities_left_next == 0;
    assign drives_now = reads_end ? drives_out : {BITS{1'b0}};
    assign activities_now = update_ends ? activities_out : {BITS{1'b0}};

    always @(posedge clock)
        if (reset) begin
            reading <= 0;
            waiting <= 0;
            updating <= 0;
            left <= 0;
            neurons_left <= 0;
            drives_left <= 0;
            activities_left <= 0;
        end else if (start) begin
            reading <= forward_lines != 0;
            // With nothing to read and no drive to come, the neurons begin at once.
            waiting <= neurons != 0 && !idle_inputs;
            updating <= neurons != 0 && idle_inputs;
            left <= update_cycles;
            neurons_left <= neurons;
            drives_left <= drives_in;
            activities_left <= activities_in - activities_early;
        end else begin
            if (reads_end) reading <= 0;
            drives_left <= drives_left_next;
            activities_left <= activities_left_next;
            if (ready) begin
                waiting <= 0;
                updating <= 1;
                left <= update_cycles;
                neurons_left <= neurons;
            end else if (update_ends) updating <= 0;
            else if (updating && left > 1) left <= left - 1'b1;
            else if (updating) begin
                left <= update_cycles;
                neurons_left <= neurons_left - lanes;
            end
        end

    // Packets that have not entered the local FIFO: drives before activities, which are created later. All of
    // a kind are created together, and the step does not end before the last has arrived.
    reg [BITS-1:0] drives_outside, activities_outside;
    reg [`CREATED_BITS-1:0] drives_created, activities_created;
    reg [`SEQUENCE_BITS-1:0] sequence;
    wire [BITS-1:0] drives_ready = drives_outside + drives_now;
    wire [BITS-1:0] activities_created_now = start && neurons == 0 ? activities_out : activities_now;
    wire [BITS-1:0] activities_ready = activities_outside + activities_created_now;
    wire [`CREATED_BITS-1:0] drive_age = drives_now != 0 ? next_cycle : drives_created;
    wire [`CREATED_BITS-1:0] activity_age = activities_created_now != 0 ? next_cycle : activities_created;
    wire [BITS-1:0] drives_enter = drives_ready < inject_count ? drives_ready : inject_count;
    wire [`NODE_BITS-1:0] here = NODE;

    integer lane;
    always @* begin
        inject_count = drives_ready + activities_ready < inject_room ? drives_ready + activities_ready
            : inject_room;
        inject = 0;
        if (inject_count != 0)
            for (lane = 0; lane < DEPTH; lane = lane + 1)
                inject[lane*`PACKET_BITS +: `PACKET_BITS] = lane < drives_ready
                    ? {drive_age, here, sequence + lane[`SEQUENCE_BITS-1:0], DRIVE}
                    : {activity_age, here, sequence + lane[`SEQUENCE_BITS-1:0], ACTIVITY};
    end

    always @(posedge clock)
        if (reset) begin
            drives_outside <= 0;
            activities_outside <= 0;
            drives_created <= 0;
            activities_created <= 0;
            sequence <= 0;
        end else begin
            drives_outside <= drives_ready - drives_enter;
            activities_outside <= activities_ready - (inject_count - drives_enter);
            drives_created <= drive_age;
            activities_created <= activity_age;
            sequence <= sequence + inject_count;
        end
endmodule
