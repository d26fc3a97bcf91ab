/*
 * A board whose ATmega328P is simulated by simavr, for tests. It is a program of its own, built where libsimavr is
 * installed, and no part of Whorl links to it.
 *
 * usage: simavr-board <firmware.hex>
 *
 * In, a line each: "r <hex byte>" a byte from the host, "p <pin> <level>" what the world puts on an input, "x" reset.
 * Out: "t <hex byte>" a byte to the host, "o <pin> <level>" an output has changed, "u <pin> <0|1>" its pull-up has.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_hex.h>
#include <simavr/sim_irq.h>

enum { FREQUENCY = 16000000, SLICE_CYCLES = 32000, BYTE_CYCLES = 2778, FLASH_BYTES = 32768, QUEUE = 65536, PINS = 14 };

static avr_t *avr;
static unsigned char queue[QUEUE];
static unsigned queue_head, queue_tail;

/* Pins 0 to 7 are port D, 8 to 13 port B. */
struct port {
  char name;
  int first, count;
  unsigned direction, value, pressed;
};
static struct port ports[] = {{'D', 0, 8, 0, 0, 0xff}, {'B', 8, 6, 0, 0, 0x3f}};

static void tell(const struct port *port, unsigned direction, unsigned value) {
  for (int bit = 0; bit < port->count; bit++) {
    unsigned mask = 1u << bit;
    int was_high = (port->direction & port->value & mask) != 0, is_high = (direction & value & mask) != 0;
    int was_up = (~port->direction & port->value & mask) != 0, is_up = (~direction & value & mask) != 0;
    if (was_high != is_high) printf("o %d %d\n", port->first + bit, is_high);
    if (was_up != is_up) printf("u %d %d\n", port->first + bit, is_up);
  }
}

static void on_direction(avr_irq_t *irq, uint32_t direction, void *param) {
  struct port *port = param;
  (void)irq;
  tell(port, direction, port->value);
  port->direction = direction;
}

static void on_value(avr_irq_t *irq, uint32_t value, void *param) {
  struct port *port = param;
  (void)irq;
  tell(port, port->direction, value);
  port->value = value;
}

static void on_byte(avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  printf("t %02x\n", value & 0xff);
}

/* Stronger than any pull-up of the chip's own, which is what the port's "external" level is for. */
static void press(int pin, int level) {
  struct port *port = pin < 8 ? &ports[0] : &ports[1];
  int bit = pin - port->first;
  port->pressed = (port->pressed & ~(1u << bit)) | (unsigned)(level != 0) << bit;
  avr_ioport_external_t external = {.name = port->name, .mask = (1u << port->count) - 1, .value = port->pressed};
  avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(port->name), &external);
  avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port->name), bit), level);
}

static void restart(void) {
  queue_head = queue_tail = 0;
  avr_reset(avr);
  for (unsigned i = 0; i < 2; i++) {
    tell(&ports[i], 0, 0);
    ports[i].direction = ports[i].value = 0;
  }
}

static void obey(const char *line) {
  unsigned byte;
  int pin, level;
  if (sscanf(line, "r %x", &byte) == 1) {
    queue[queue_tail++ % QUEUE] = byte;
  } else if (sscanf(line, "p %d %d", &pin, &level) == 2 && pin >= 0 && pin < PINS) {
    press(pin, level);
  } else if (line[0] == 'x') {
    restart();
  }
}

/* Whether anybody is still there to give orders. */
static int listen_to_input(void) {
  static char text[4096];
  static size_t length;
  for (;;) {
    ssize_t got = read(0, text + length, sizeof text - 1 - length);
    if (got == 0) return 0;
    if (got < 0) return 1;
    length += got;
    char *line = text, *end;
    while ((end = memchr(line, '\n', text + length - line))) {
      *end = 0;
      obey(line);
      line = end + 1;
    }
    length -= line - text;
    memmove(text, line, length);
  }
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  uint32_t size, start;
  uint8_t *code = read_ihex_file(argv[1], &size, &start);
  avr = avr_make_mcu_by_name("atmega328p");
  if (!code || !avr || start + size > FLASH_BYTES) return 1;
  avr_init(avr);
  avr->frequency = FREQUENCY;
  avr->log = 0;
  memcpy(avr->flash + start, code, size);
  avr->pc = start;
  avr->codeend = avr->flashend;

  uint32_t flags = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~AVR_UART_FLAG_STDIO;
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  avr_irq_t *uart = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), 0);
  avr_irq_register_notify(uart + UART_IRQ_OUTPUT, on_byte, NULL);
  for (unsigned i = 0; i < 2; i++) {
    avr_irq_t *irq = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(ports[i].name), 0);
    avr_irq_register_notify(irq + IOPORT_IRQ_DIRECTION_ALL, on_direction, &ports[i]);
    avr_irq_register_notify(irq + IOPORT_IRQ_REG_PORT, on_value, &ports[i]);
  }
  for (int pin = 0; pin < PINS; pin++) press(pin, 1);
  fcntl(0, F_SETFL, O_NONBLOCK);

  double begin = seconds();
  avr_cycle_count_t slice = avr->cycle, next_byte = 0;
  while (listen_to_input()) {
    slice += SLICE_CYCLES;
    while (avr->cycle < slice) {
      int state = avr_run(avr);
      if (state == cpu_Done || state == cpu_Crashed) return 1;
      if (queue_head != queue_tail && avr->cycle >= next_byte) {
        avr_raise_irq(uart + UART_IRQ_INPUT, queue[queue_head++ % QUEUE]);
        next_byte = avr->cycle + BYTE_CYCLES;
      }
    }
    fflush(stdout);
    double ahead = begin + (double)avr->cycle / FREQUENCY - seconds();
    if (ahead > 0) usleep(ahead * 1e6);
    /* A machine too slow for it runs a slower board, not a breathless one. */
    if (ahead < -0.05) begin -= ahead;
  }
  return 0;
}
