// The learning controller: LOAD, FREE, [LATCH_F], (NUDGE, LATCH_N) x K, UPDATE, DONE, without cycles between
// them. An evaluation ends after FREE with a read-out, which is no state of its own.
//
// `step_ends` and `step_starts` belong to the edge that ends this cycle: the last cycle of a step, and the one
// before a step's first. All counts are at least 1 unless they say otherwise.
module controller #(
    parameter BITS = 12
) (
    input wire clock,
    input wire reset,
    // A sample is waiting: LOAD begins with the next cycle, if this one is idle or the last of a sample.
    input wire go,
    // The sample; stable from the cycle before LOAD to DONE.
    input wire train,
    input wire centered,
    input wire [BITS-1:0] free_steps,
    input wire [BITS-1:0] nudged_steps,
    // Input words, words to be read out, and words per cycle.
    input wire [BITS-1:0] words_in,
    input wire [BITS-1:0] words_out,
    input wire [BITS-1:0] words_per_cycle,
    input wire [BITS-1:0] latch_cycles,
    // Cycles before every further nudged phase; 0 allowed.
    input wire [BITS-1:0] restore_cycles,
    // The update: rows, pulse slots, cycles of a slot; cycles of a row's accumulators, 0 allowed; whether all
    // rows are pulsed together.
    input wire [BITS-1:0] rows,
    input wire [BITS-1:0] pulses,
    input wire [BITS-1:0] pulse_cycles,
    input wire [BITS-1:0] accumulator_cycles,
    input wire outer_product,
    input wire step_ends,
    output wire step_starts,
    output reg [2:0] state,
    // The host reads the outputs; the state is still FREE.
    output reg reading_out
);
    localparam IDLE = 0, LOAD = 1, FREE = 2, LATCH_F = 3, NUDGE = 4, LATCH_N = 5, UPDATE = 6, DONE = 7;

    // Words, steps, cycles, or rows that are left, by the state, this one included.
    reg [BITS-1:0] left;
    // True while the state is being restored at the beginning of NUDGE.
    reg restoring;
    // True in the second nudged phase.
    reg second;
    // UPDATE: a row's accumulators work, or its pulses go out; pulse slots and cycles left.
    reg gathering;
    reg [BITS-1:0] pulses_left, cycles_left;

    reg [2:0] next;
    // The state is left, or its repetition ends, at the next edge.
    reg leave;
    wire to_read_out = state == FREE && !reading_out && leave && !train;
    wire pulses_end = !gathering && cycles_left == 1 && pulses_left == 1;

    always @* begin
        leave = 0;
        next = IDLE;
        case (state)
            IDLE: begin
                leave = go;
                next = LOAD;
            end
            LOAD: begin
                leave = left <= words_per_cycle;
                next = FREE;
            end
            FREE: begin
                leave = reading_out ? left <= words_per_cycle : step_ends && left == 1;
                next = !train ? DONE : centered ? NUDGE : LATCH_F;
            end
            LATCH_F: begin
                leave = left == 1;
                next = NUDGE;
            end
            NUDGE: begin
                leave = !restoring && step_ends && left == 1;
                next = LATCH_N;
            end
            LATCH_N: begin
                leave = left == 1;
                next = centered && !second ? NUDGE : UPDATE;
            end
            UPDATE: begin
                leave = pulses_end && left == 1;
                next = DONE;
            end
            DONE: begin
`ifdef MUTANT_SLOW_DONE
                // A defect on purpose, by which the comparison with the simulator is tested.
                leave = left == 0;
`else
                leave = 1;
`endif
                next = go ? LOAD : IDLE;
            end
        endcase
    end

    wire enter = leave && !to_read_out;
    wire restores = state == LATCH_N && restore_cycles != 0;
    assign step_starts = (enter && (next == FREE || (next == NUDGE && !restores)))
        || (state == NUDGE && restoring && cycles_left == 1)
        || (!leave && step_ends && ((state == FREE && !reading_out) || (state == NUDGE && !restoring)));

    always @(posedge clock)
        if (reset) begin
            state <= IDLE;
            reading_out <= 0;
            left <= 0;
            restoring <= 0;
            second <= 0;
            gathering <= 0;
            pulses_left <= 0;
            cycles_left <= 0;
        end else if (to_read_out) begin
            reading_out <= 1;
            left <= words_out;
        end else if (enter) begin
            state <= next;
            reading_out <= 0;
            case (next)
                LOAD: begin
                    left <= words_in;
                    second <= 0;
                end
                FREE: left <= free_steps;
                LATCH_F, LATCH_N: left <= latch_cycles;
                NUDGE: begin
                    left <= nudged_steps;
                    second <= state == LATCH_N;
                    restoring <= restores;
                    cycles_left <= restore_cycles;
                end
                UPDATE: begin
                    // An outer product gathers row by row and then pulses once.
                    left <= rows;
                    begin_row;
                end
                DONE: left <= 1;
                default: left <= 0;
            endcase
        end else
            case (state)
                LOAD: left <= left - words_per_cycle;
                FREE: if (reading_out) left <= left - words_per_cycle;
                      else if (step_ends) left <= left - 1'b1;
                LATCH_F, LATCH_N, DONE: left <= left - 1'b1;
                NUDGE: if (restoring) begin
                          cycles_left <= cycles_left - 1'b1;
                          restoring <= cycles_left != 1;
                      end else if (step_ends) left <= left - 1'b1;
                UPDATE: if (cycles_left > 1) cycles_left <= cycles_left - 1'b1;
                      else if (gathering && outer_product && left > 1) begin
                          left <= left - 1'b1;
                          cycles_left <= accumulator_cycles;
                      end else if (gathering) begin_pulses;
                      else if (pulses_left > 1) begin
                          pulses_left <= pulses_left - 1'b1;
                          cycles_left <= pulse_cycles;
                      end else begin
                          left <= left - 1'b1;
                          begin_row;
                      end
                default: ;
            endcase

    task begin_row;
        if (accumulator_cycles != 0) begin
            gathering <= 1;
            cycles_left <= accumulator_cycles;
        end else begin
            begin_pulses;
            if (outer_product) left <= 1;
        end
    endtask

    task begin_pulses;
        begin
            gathering <= 0;
            pulses_left <= pulses;
            cycles_left <= pulse_cycles;
        end
    endtask
endmodule
