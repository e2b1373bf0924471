#include <pthread.h>

typedef struct bed_queue *sys_mbox_t;
typedef struct bed_queue *sys_sem_t;
typedef pthread_mutex_t *sys_mutex_t;
typedef pthread_t sys_thread_t;

#define sys_mbox_valid(box) (*(box) != NULL)
#define sys_mbox_set_invalid(box) (*(box) = NULL)
#define sys_sem_valid(sem) (*(sem) != NULL)
#define sys_sem_set_invalid(sem) (*(sem) = NULL)

sys_sem_t *sys_thread_sem_get(void);
