// What FreeRTOS gives to esp-lwip, by threads of the computer: queues of a fixed size, semaphores, a clock.

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lwip/sys.h"
#include "lwip/err.h"

struct bed_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int size, first, count;
    void *messages[];
};

static struct bed_queue *new_queue(int size) {
    struct bed_queue *queue = calloc(1, sizeof(*queue) + size * sizeof(void *));
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, &clock);
    queue->size = size;
    return queue;
}

static int put(struct bed_queue *queue, void *message, int waits) {
    pthread_mutex_lock(&queue->lock);
    while (waits && queue->count == queue->size) {
        pthread_cond_wait(&queue->changed, &queue->lock);
    }
    int fits = queue->count < queue->size;
    if (fits) {
        queue->messages[(queue->first + queue->count++) % queue->size] = message;
        pthread_cond_broadcast(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    return fits;
}

static u32_t get(struct bed_queue *queue, void **message, u32_t timeout, int waits) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += timeout / 1000;
    end.tv_nsec += timeout % 1000 * 1000000l;
    if (end.tv_nsec >= 1000000000l) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000l;
    }
    u32_t since = sys_now();
    pthread_mutex_lock(&queue->lock);
    while (waits && !queue->count) {
        if (!timeout) {
            pthread_cond_wait(&queue->changed, &queue->lock);
        } else if (pthread_cond_timedwait(&queue->changed, &queue->lock, &end)) {
            break;
        }
    }
    int found = queue->count > 0;
    void *first = NULL;
    if (found) {
        first = queue->messages[queue->first];
        queue->first = (queue->first + 1) % queue->size;
        queue->count--;
        pthread_cond_broadcast(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    if (message) {
        *message = first;
    }
    return found ? sys_now() - since : SYS_ARCH_TIMEOUT;
}

err_t sys_mbox_new(sys_mbox_t *box, int size) {
    *box = new_queue(size ? size : 6);
    return ERR_OK;
}

void sys_mbox_free(sys_mbox_t *box) {
    free(*box);
}

void sys_mbox_post(sys_mbox_t *box, void *message) {
    put(*box, message, 1);
}

err_t sys_mbox_trypost(sys_mbox_t *box, void *message) {
    return put(*box, message, 0) ? ERR_OK : ERR_MEM;
}

err_t sys_mbox_trypost_fromisr(sys_mbox_t *box, void *message) {
    return sys_mbox_trypost(box, message);
}

u32_t sys_arch_mbox_fetch(sys_mbox_t *box, void **message, u32_t timeout) {
    return get(*box, message, timeout, 1);
}

u32_t sys_arch_mbox_tryfetch(sys_mbox_t *box, void **message) {
    return get(*box, message, 0, 0);
}

err_t sys_sem_new(sys_sem_t *sem, u8_t count) {
    *sem = new_queue(1);
    if (count) {
        put(*sem, NULL, 0);
    }
    return ERR_OK;
}

void sys_sem_free(sys_sem_t *sem) {
    free(*sem);
}

void sys_sem_signal(sys_sem_t *sem) {
    put(*sem, NULL, 0);
}

u32_t sys_arch_sem_wait(sys_sem_t *sem, u32_t timeout) {
    return get(*sem, NULL, timeout, 1);
}

sys_sem_t *sys_thread_sem_get(void) {
    static __thread sys_sem_t own;
    if (!own) {
        sys_sem_new(&own, 0);
    }
    return &own;
}

err_t sys_mutex_new(sys_mutex_t *mutex) {
    *mutex = calloc(1, sizeof(**mutex));
    pthread_mutex_init(*mutex, NULL);
    return ERR_OK;
}

void sys_mutex_free(sys_mutex_t *mutex) {
    free(*mutex);
}

void sys_mutex_lock(sys_mutex_t *mutex) {
    pthread_mutex_lock(*mutex);
}

void sys_mutex_unlock(sys_mutex_t *mutex) {
    pthread_mutex_unlock(*mutex);
}

static pthread_mutex_t protection;

void sys_init(void) {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&protection, &kind);
}

sys_prot_t sys_arch_protect(void) {
    pthread_mutex_lock(&protection);
    return 0;
}

void sys_arch_unprotect(sys_prot_t before) {
    pthread_mutex_unlock(&protection);
}

u32_t sys_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000u + now.tv_nsec / 1000000;
}

struct start {
    lwip_thread_fn run;
    void *argument;
};

static void *begin(void *start) {
    struct start *one = start;
    one->run(one->argument);
    return NULL;
}

sys_thread_t sys_thread_new(const char *name, lwip_thread_fn run, void *argument, int stack, int priority) {
    struct start *one = malloc(sizeof(*one));
    *one = (struct start) {run, argument};
    pthread_t thread;
    pthread_create(&thread, NULL, begin, one);
    return thread;
}
