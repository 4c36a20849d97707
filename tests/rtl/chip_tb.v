// Runs the phase programs of a file on a chip and writes down the controller's state in every cycle.
//
// Plusargs: +in=FILE +out=FILE, and +vcd=FILE for a waveform.
// Programs: the number of runs. For each run, in this order: sample, conversion, and update cycles, converters,
// lanes, barrier cycles, hold clamped inputs (0 or 1); words in, words out, words per cycle; latch and restore cycles; rows, pulses, pulse
// cycles, accumulator cycles, outer product (0 or 1); for each node its lines forward and transposed, neurons,
// drives out, activities out; the number of samples, and for each sample: train (0 or 1), centered (0 or 1),
// free steps, nudged steps.
// Output, a line for each cycle: run, cycle, 0, the state's number (1 LOAD to 7 DONE), steps that have ended.
module chip_tb;
    parameter WIDTH = 3;
    parameter HEIGHT = 1;
    parameter DEPTH = 4;
    parameter T_R = 1;
    parameter T_L = 1;
    parameter IDEAL = 0;
    localparam NODES = WIDTH * HEIGHT;
    localparam COUNT_BITS = $clog2(DEPTH + 1);
    localparam BITS = 12;
    localparam IDLE = 0, DONE = 7;
    localparam PATIENCE = 1_000_000;

    reg clock = 0;
    reg reset = 1;
    reg go = 0;
    reg train, centered, outer_product, hold_clamped;
    reg [BITS-1:0] free_steps, nudged_steps, words_in, words_out, words_per_cycle, latch_cycles;
    reg [BITS-1:0] restore_cycles, rows, pulses, pulse_cycles, accumulator_cycles, barrier_cycles;
    reg [BITS-1:0] sample_cycles, convert_cycles, converters, lanes, update_cycles;
    reg [NODES*BITS-1:0] forward_lines, return_lines, neurons, drives_out, activities_out;
    wire [2:0] state;
    wire reading_out;
    wire [31:0] cycle, steps;

    chip #(
        .WIDTH(WIDTH),
        .HEIGHT(HEIGHT),
        .DEPTH(DEPTH),
        .T_R(T_R),
        .T_L(T_L),
        .IDEAL(IDEAL),
        .COUNT_BITS(COUNT_BITS),
        .BITS(BITS)
    ) dut (
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
        .hold_clamped(hold_clamped),
        .barrier_cycles(barrier_cycles),
        .sample_cycles(sample_cycles),
        .convert_cycles(convert_cycles),
        .converters(converters),
        .lanes(lanes),
        .update_cycles(update_cycles),
        .forward_lines(forward_lines),
        .return_lines(return_lines),
        .neurons(neurons),
        .drives_out(drives_out),
        .activities_out(activities_out),
        .state(state),
        .reading_out(reading_out),
        .cycle(cycle),
        .steps(steps)
    );

    integer file, out, got, runs, run, samples, sample, n;
    integer of_node [0:4];
    reg [2:0] before;
    reg [8*256-1:0] name;

    task read_run;
        begin
            got = $fscanf(file, "%d %d %d %d %d %d %d", sample_cycles, convert_cycles, update_cycles,
                          converters, lanes, barrier_cycles, hold_clamped);
            got = $fscanf(file, "%d %d %d %d %d", words_in, words_out, words_per_cycle, latch_cycles,
                          restore_cycles);
            got = $fscanf(file, "%d %d %d %d %d", rows, pulses, pulse_cycles, accumulator_cycles,
                          outer_product);
            for (n = 0; n < NODES; n = n + 1) begin
                got = $fscanf(file, "%d %d %d %d %d", of_node[0], of_node[1], of_node[2], of_node[3],
                              of_node[4]);
                forward_lines[n*BITS +: BITS] = of_node[0];
                return_lines[n*BITS +: BITS] = of_node[1];
                neurons[n*BITS +: BITS] = of_node[2];
                drives_out[n*BITS +: BITS] = of_node[3];
                activities_out[n*BITS +: BITS] = of_node[4];
            end
            got = $fscanf(file, "%d", samples);
        end
    endtask

    task read_sample;
        begin
            go = sample < samples;
            if (go) got = $fscanf(file, "%d %d %d %d", train, centered, free_steps, nudged_steps);
        end
    endtask

    always #5 clock = ~clock;

    initial begin
        if ($value$plusargs("vcd=%s", name)) begin
            $dumpfile(name);
            $dumpvars(0, chip_tb);
        end
        if (!$value$plusargs("out=%s", name)) $finish;
        out = $fopen(name, "w");
        if (!$value$plusargs("in=%s", name)) $finish;
        file = $fopen(name, "r");
        got = $fscanf(file, "%d", runs);
        for (run = 0; run < runs; run = run + 1) begin
            reset = 1;
            go = 0;
            read_run;
            sample = 0;
            @(negedge clock);
            read_sample;
            reset = 0;
            before = DONE;
            @(negedge clock);
            while (state != IDLE && cycle < PATIENCE) begin
                $fwrite(out, "%0d %0d 0 %0d %0d\n", run, cycle, state, steps);
                // The next sample waits from the last cycle of this one.
                if (state == DONE && before != DONE) begin
                    sample = sample + 1;
                    read_sample;
                end
                before = state;
                @(negedge clock);
            end
        end
        $fclose(out);
        $finish;
    end
endmodule
