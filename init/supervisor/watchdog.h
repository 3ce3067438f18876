// The hardware watchdog, which PID 1 feeds: watchdog.c.

#define WATCHDOG_LEAST_SECONDS 10

// bootrc_watched tells whether the kernel's command line asks for a watchdog.
extern int bootrc_watched;

// watchdog_configure reads b2c.watchdog= from the kernel's command line. It comes
// before the split: PID 1 and the boot share what it prepares.
void watchdog_configure(void);

// watchdog_beat is the boot's heartbeat.
void watchdog_beat(void);

// watchdog_ask_to_stop is how the boot ends the watching; watchdog_stopped then tells
// whether PID 1 has done so: 0 not yet, 1 yes, -1 the device cannot be stopped.
void watchdog_ask_to_stop(void);
int watchdog_stopped(void);

// watchdog_feed is called by PID 1 each second. alone tells that the boot has ended
// and PID 1 goes on without it.
void watchdog_feed(int alone);
